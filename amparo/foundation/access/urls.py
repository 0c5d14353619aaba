from django.urls import path

from . import lock_views, me_views, staff_views, views

urlpatterns = [
    path("sign-in", views.sign_in, name="sign-in"),
    path("sign-in/", views.sign_in, name="account_login"),  # the names that allauth expects
    path("sign-in/passkey", views.sign_in_by_passkey, name="sign-in-passkey"),
    path("sign-in/second", views.second_factor, name="mfa_authenticate"),
    path("sign-in/second/passkey", views.second_passkey_options, name="second-passkey"),
    path("sign-in/code", views.sign_in_by_code, name="enter"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("prove", lock_views.prove_identity, name="prove"),
    path("prove/passkey", lock_views.passkey_proof_options, name="prove-passkey"),
    path("lock", lock_views.lock_desk, name="lock"),
    path("awake", lock_views.keep_awake, name="awake"),
    path("me", me_views.my_sign_in, name="me"),
    path("me/passkeys/options", me_views.passkey_options, name="passkey-options"),
    path("me/passkeys/add", me_views.add_passkey, name="add-passkey"),
    path("me/app", me_views.authenticator_app, name="app"),
    path("me/codes", me_views.recovery_codes, name="codes"),
    path("me/password", me_views.change_password, name="password"),
    path("me/authenticators/<int:pk>/remove", me_views.remove_authenticator, name="remove-authenticator"),
    path("me/sessions/end", me_views.end_sessions, name="end-sessions"),
    path("staff", staff_views.staff_list, name="staff"),
    path("staff/add", staff_views.add_person, name="staff-add"),
    path("staff/<int:pk>/code", staff_views.renew_code, name="staff-code"),
    path("staff/<int:pk>/role", staff_views.change_role, name="staff-role"),
    path("staff/<int:pk>/lock", staff_views.lock_person, name="staff-lock"),
    path("staff/<int:pk>/unlock", staff_views.unlock_person, name="staff-unlock"),
    path("staff/<int:pk>/recovery/ask", staff_views.request_recovery, name="recovery-ask"),
    path("staff/<int:pk>/recovery/withdraw", staff_views.withdraw_recovery, name="recovery-withdraw"),
    path("staff/<int:pk>/recovery/confirm", staff_views.confirm_recovery, name="recovery-confirm"),
]

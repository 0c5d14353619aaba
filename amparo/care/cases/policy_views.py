from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from amparo.care.consent.disclosure import SHIPPED, Policy
from amparo.care.consent.models import PolicyVersion
from amparo.care.consent.picklists import AUTHORITIES
from amparo.care.consent.rules import agree_on_policy, write_policy
from amparo.foundation.access import permissions
from amparo.foundation.access.pages import StaffRequest, staff
from amparo.foundation.core.form_fields import first_error

from .forms import PolicyForm

SHOWN = 20  # number of versions on the page


@staff(permissions.is_staff)
@require_GET
def policy(request: StaffRequest) -> HttpResponse:
    """Show the policy in force and its versions. Supervisors also get the form for the next version."""
    in_force = PolicyVersion.objects.in_force(timezone.now())
    return _show(request, PolicyForm.of(in_force), in_force)


@staff(permissions.supervise)
@require_POST
def write_version(request: StaffRequest) -> HttpResponse:
    now, form = timezone.now(), PolicyForm(request.POST)
    if refusal := first_error(form):
        return _show(request, form, PolicyVersion.objects.in_force(now), refusal=refusal, status=422)
    write_policy(**form.cleaned_data, by=request.user, now=now)
    return redirect("policy")


@staff(permissions.supervise)
@require_POST
def agree_to_version(request: StaffRequest, pk: int) -> HttpResponse:
    agree_on_policy(get_object_or_404(PolicyVersion, pk=pk), by=request.user, now=timezone.now())
    return redirect("policy")


def _show(
    request: StaffRequest, form: PolicyForm, in_force: Policy, *, refusal: str = "", status: int = 200
) -> HttpResponse:
    versions = list(PolicyVersion.objects.select_related("written_by", "agreed_by").order_by("-pk")[:SHOWN])
    waiting = next((it for it in versions[:1] if it.agreed_at is None), None)
    context = {
        "policy": in_force, "shipped": SHIPPED, "table": authorities_by_ground(in_force), "form": form,
        "refusal": refusal, "room": "policy",
        "waiting": waiting, "proposed": authorities_by_ground(waiting.policy) if waiting else [], "versions": versions,
        "supervises": permissions.supervise(request.user),
    }  # fmt: skip
    return render(request, "cases/policy.html", context, status=status)


def authorities_by_ground(policy: Policy) -> list[tuple[str, tuple[bool, bool, bool]]]:
    """Return the label of each authority, and whether it is informed in danger, for a child, and by duty to report."""
    grounds = (policy.in_danger, policy.for_a_child, policy.by_duty)
    return [(str(it.label), (it in grounds[0], it in grounds[1], it in grounds[2])) for it in AUTHORITIES]

from django.urls import path

from . import change_views, review_views, spreadsheet_views, views

urlpatterns = [
    path("laws", views.laws, name="laws"),
    path("laws/<int:pk>", views.law, name="law"),
    path("plans", views.plans, name="plans"),
    path("plans/<int:pk>", views.plan, name="plan"),
    path("plans/<int:pk>/move", views.change_state, name="plan-move"),
    path("plans/<int:pk>/approve", views.approve, name="plan-approve"),
    path("plans/<int:pk>/publish", views.publish, name="plan-publish"),
    path("plans/<int:pk>/spreadsheet", spreadsheet_views.export_xlsx, name="plan-export"),
    path("plans/<int:pk>/<slug:sheet>.csv", spreadsheet_views.export_csv, name="plan-csv"),
    path("plans/<int:pk>/import", spreadsheet_views.import_plan, name="plan-import"),
    path("plans/<int:pk>/data-calls", review_views.open_call, name="data-call-open"),
    path("plans/<int:pk>/call.ics", review_views.call_calendar, name="data-call-calendar"),
    path("plans/<int:pk>/reviews", review_views.add_review, name="review-add"),
    path("plans/<int:pk>/reviews/<int:year>", review_views.review, name="plan-review"),
    path("plans/<int:pk>/nodes", views.add_node, name="node-add"),
    path("plans/nodes/<int:pk>", views.node, name="node"),
    path("plans/nodes/<int:pk>/below", views.below, name="node-below"),
    path("plans/nodes/<int:pk>/indicators", views.add_indicator, name="indicator-add"),
    path("plans/<int:pk>/changes", change_views.changes, name="plan-changes"),
    path("plans/<int:pk>/correct", change_views.correct, name="plan-correct"),
    path("plans/nodes/<int:pk>/change", change_views.change_node, name="node-change"),
    path("plans/nodes/<int:pk>/remove", change_views.remove_node, name="node-remove"),
    path("plans/indicators/<int:pk>/change", change_views.change_indicator, name="indicator-change"),
    path("plans/indicators/<int:pk>/remove", change_views.remove_indicator, name="indicator-remove"),
    path("plans/nodes/<int:pk>/comments", views.add_comment, name="comment-add"),
    path("plans/indicators/<int:pk>/measure", views.report_value, name="indicator-measure"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("wallboard", views.wallboard, name="wallboard"),
    path("wallboard/now", views.wallboard_now, name="wallboard-now"),
    path("wallboard/screen", views.screen, name="wallboard-screen"),
    path("wallboard/screen/now", views.screen_now, name="wallboard-screen-now"),
    path("wallboard/<slug:what>", views.counted, name="wallboard-counted"),
    path("shifts/demand/count", views.demand, name="demand-count"),
    path("month", views.month, name="month"),
    path("month.csv", views.month_csv, name="month-csv"),
    path("month.xlsx", views.month_xlsx, name="month-xlsx"),
    path("month.pdf", views.month_pdf, name="month-pdf"),
]

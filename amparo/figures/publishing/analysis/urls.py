from django.urls import path

from . import views

urlpatterns = [
    path("analysis", views.analysis, name="analysis"),
    path("analysis.csv", views.analysis_csv, name="analysis-csv"),
    path("analysis.xlsx", views.analysis_xlsx, name="analysis-xlsx"),
]

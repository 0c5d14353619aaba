from django.urls import path

from . import views

urlpatterns = [
    path("analysis", views.analysis, name="analysis"),
    path("analysis/views", views.save, name="analysis-save"),
    path("analysis/views/<int:pk>/remove", views.remove, name="analysis-remove"),
    path("analysis.csv", views.analysis_csv, name="analysis-csv"),
    path("analysis.svg", views.analysis_svg, name="analysis-svg"),
    path("analysis.png", views.analysis_png, name="analysis-png"),
    path("analysis.xlsx", views.analysis_xlsx, name="analysis-xlsx"),
]

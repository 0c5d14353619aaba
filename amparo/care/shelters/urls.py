from django.urls import path

from . import house_admin_views, house_views, placement_views, views

urlpatterns = [
    path("beds", views.beds, name="beds"),
    path("beds/for/<uuid:person>", views.beds_for, name="beds-for"),
    path("beds/hold", views.hold, name="beds-hold"),
    path("beds/none", views.no_bed, name="beds-none"),
    path("beds/placements/<uuid:pk>", placement_views.placement, name="placement"),
    path("beds/placements/<uuid:pk>/ask", placement_views.ask, name="placement-ask"),
    path("beds/placements/<uuid:pk>/tell", placement_views.tell_house, name="placement-tell"),
    path("beds/placements/<uuid:pk>/approve", placement_views.approve, name="placement-approve"),
    path("beds/placements/<uuid:pk>/decline", placement_views.decline, name="placement-decline"),
    path("beds/placements/<uuid:pk>/release", placement_views.release, name="placement-release"),
    path("beds/placements/<uuid:pk>/arrived", placement_views.arrived, name="placement-arrived"),
    path("beds/placements/<uuid:pk>/address", placement_views.address, name="placement-address"),
    path("beds/placements/<uuid:pk>/plan", placement_views.plan, name="placement-plan"),
    path("beds/stays/<uuid:pk>/left", placement_views.left, name="stay-left"),
    path("beds/stays/<uuid:pk>/move", placement_views.move, name="stay-move"),
    path("house", house_views.house, name="house"),
    path("house/<int:pk>/said", house_views.as_it_stands, name="house-said"),
    path("house/beds/<int:pk>/<slug:turn>", house_views.bed, name="house-bed"),
    path("house/placements/<uuid:pk>/arrived", house_views.arrived, name="house-arrived"),
    path("house/stays/<uuid:pk>/left", house_views.left, name="house-left"),
    path("house/stays/<uuid:pk>/move", house_views.move, name="house-move"),
    path("houses", house_admin_views.houses, name="houses"),
    path("houses/beds/<int:pk>/<slug:turn>", house_admin_views.turn_bed, name="house-bed-use"),
    path("houses/<int:pk>", house_admin_views.house, name="house-kept"),
    path("houses/<int:pk>/beds", house_admin_views.add_bed, name="house-beds"),
    path("houses/<int:pk>/address", house_admin_views.keep_address, name="house-address"),
    path("houses/<int:pk>/close", house_admin_views.close, name="house-close"),
    path("houses/<int:pk>/open", house_admin_views.open_again, name="house-open"),
]

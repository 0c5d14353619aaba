from django.urls import path

from . import course_views, views

urlpatterns = [
    path("practice", views.practices, name="practices"),
    path("practice/<int:number>", views.practice, name="practice"),
    path("practice/<int:number>/finish", views.finish, name="practice-finish"),
    path("practice/courses/<slug:code>/lesson", views.lesson, name="lesson"),
    path("practice/courses/<slug:code>/begin", views.begin, name="practice-begin"),
    path("courses", course_views.copy_course, name="course-copy"),
    path("courses/<slug:code>", course_views.course, name="course"),
    path("courses/<slug:code>/take", course_views.take_course, name="course-take"),
    path("courses/<slug:code>/restore", course_views.restore, name="course-restore"),
    path("courses/<slug:code>/lesson", course_views.lesson, name="course-lesson"),
    path("courses/<slug:code>/quiz/new", course_views.new_question, name="course-new-question"),
    path("courses/<slug:code>/quiz/<int:number>", course_views.question, name="course-question"),
    path("courses/<slug:code>/quiz/<int:number>/remove", course_views.remove_question, name="course-remove-question"),
    path("courses/<slug:code>/steps", course_views.new_step, name="course-new-step"),
    path("courses/<slug:code>/steps/<slug:name>", course_views.step, name="course-step"),
    path("courses/<slug:code>/steps/<slug:name>/record", course_views.record_line, name="course-record"),
    path("courses/<slug:code>/steps/<slug:name>/remove", course_views.remove_step, name="course-remove-step"),
]

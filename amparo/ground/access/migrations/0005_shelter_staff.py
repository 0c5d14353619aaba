from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0004_who_may_become_whom"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="role",
            field=models.CharField(
                choices=[
                    ("operator", "operator"),
                    ("supervisor", "supervisor"),
                    ("case_worker", "case worker"),
                    ("placement_officer", "placement officer"),
                    ("shelter_staff", "shelter staff"),
                    ("police_liaison", "police liaison"),
                    ("directory_editor", "directory editor"),
                    ("plan_coordinator", "plan coordinator"),
                    ("plan_respondent", "plan respondent"),
                    ("campaign_officer", "campaign officer"),
                    ("publisher", "publisher"),
                    ("auditor", "auditor"),
                    ("administrator", "administrator"),
                ],
                default="operator",
                max_length=20,
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0008_clocks_of_a_report")]

    operations = [
        migrations.AddIndex(
            "step", models.Index(fields=["report"], condition=models.Q(kind="asked"), name="questions_of_units")
        ),
    ]

import datetime

from django.db import migrations, models

FOREVER = datetime.datetime(9000, 1, 1, tzinfo=datetime.UTC)


class Migration(migrations.Migration):
    dependencies = [("vault", "0007_records_are_forgotten_in_time")]

    operations = [
        migrations.AddConstraint(
            "grant",
            models.CheckConstraint(
                condition=models.Q(("agency_id", models.F("owner_id")), ("expires_at__lt", FOREVER), _connector="OR"),
                name="another_agency_needs_an_end",
            ),
        ),
    ]

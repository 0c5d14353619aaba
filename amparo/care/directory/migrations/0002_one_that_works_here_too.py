import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0007_service_liaison"), ("directory", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="agency",
            field=models.OneToOneField(
                blank=True,
                error_messages={"unique": "Another institution here is that one already. End that first."},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="access.agency",
            ),
        ),
    ]

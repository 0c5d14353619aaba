import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_contacts_are_forgotten"),
        ("switchboard", "0003_fair_queue"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="contact",
            name="operator",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["operator", "-started"], name="contacts_of_an_operator"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(condition=models.Q(("state", "open")), fields=["-started"], name="contacts_open"),
        ),
        migrations.AddIndex(
            model_name="safecontact",
            index=models.Index(
                condition=models.Q(("call_wanted", True)), fields=["contact_number"], name="calls_wanted"
            ),
        ),
    ]

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("switchboard", "0003_fair_queue"),
        ("vault", "0007_records_are_forgotten_in_time"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="callevent",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("state", "ended"), _negated=True), fields=["arrived_at"], name="calls_live"
            ),
        ),
        migrations.AddIndex(
            model_name="callevent",
            index=models.Index(fields=["user", "-at"], name="events_of_somebody_lately"),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("done_at", None)), fields=["left_at"], name="messages_open"),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("referrals", "0009_questions_of_units")]

    operations = [
        migrations.AddField("escalation", "times", models.PositiveSmallIntegerField(db_default=1, default=1)),
        migrations.AlterField(
            "escalation",
            "late",
            models.CharField(choices=[("received", "not received"), ("decided", "not decided")], max_length=10),
        ),
        migrations.RemoveConstraint("escalation", "a_step_is_escalated_once"),
        migrations.AddConstraint(
            "escalation",
            models.UniqueConstraint(
                condition=models.Q(settled_at=None),
                fields=("report", "late"),
                name="a_step_waits_once_for_the_shift",
            ),
        ),
    ]

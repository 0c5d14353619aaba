from django.db import migrations, models

# Reports sent before were under these. The owner of the table is under its policies as well, and sees nothing as itself.
FILL = """
alter table referrals_report no force row level security;
update referrals_report set
    receive_by = sent_at + case when is_danger then interval '15 minutes' else interval '24 hours' end,
    decide_by = sent_at + interval '72 hours';
set constraints all immediate;
alter table referrals_report force row level security;
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0007_answered_by_programs")]

    operations = [
        migrations.AddField("report", "receive_by", models.DateTimeField(null=True)),
        migrations.AddField("report", "decide_by", models.DateTimeField(null=True)),
        migrations.RunSQL(FILL, ""),
        migrations.AlterField("report", "receive_by", models.DateTimeField()),
        migrations.AlterField("report", "decide_by", models.DateTimeField()),
    ]

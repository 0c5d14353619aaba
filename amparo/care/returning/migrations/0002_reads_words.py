from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("returning", "0001_initial"), ("referrals", "0013_what_may_be_told")]

    operations = [migrations.AddField("belonging", "reads_words", models.BooleanField(default=False, db_default=False))]

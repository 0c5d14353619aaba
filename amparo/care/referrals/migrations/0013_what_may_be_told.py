from django.db import migrations

import amparo.ground.vault.fields


class Migration(migrations.Migration):
    dependencies = [("referrals", "0012_told_by_whom")]

    operations = [migrations.AddField("step", "may_tell", amparo.ground.vault.fields.SealedField(null=True))]

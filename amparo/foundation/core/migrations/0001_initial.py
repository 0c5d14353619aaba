from django.db import migrations

from amparo.foundation.core.schema import run_file


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [run_file("core", "tables.sql")]

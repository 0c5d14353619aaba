from django.db import migrations


class Migration(migrations.Migration):
    """Every room has given its keys to their holders by now."""

    dependencies = [("vault", "0002_keys_are_granted")]

    operations = [migrations.RemoveField("datakey", "wrapped")]

"""The gate asks of each row whether a copy of its key is live: with its end, the index says so without the copy."""

from django.db import migrations, models

CONSTRAINT = """
alter table vault_grant drop constraint a_holder_has_one_copy_of_a_key,
    add constraint a_holder_has_one_copy_of_a_key unique (key_id, holder){};
"""


class Migration(migrations.Migration):
    dependencies = [("vault", "0009_plates")]
    operations = [
        migrations.SeparateDatabaseAndState(
            # Django would make an index alone, and functions say `on conflict on constraint`.
            [migrations.RunSQL(CONSTRAINT.format(" include (expires_at)"), CONSTRAINT.format(""))],
            [
                migrations.RemoveConstraint("grant", "a_holder_has_one_copy_of_a_key"),
                migrations.AddConstraint(
                    "grant",
                    models.UniqueConstraint(
                        fields=["key", "holder"], include=["expires_at"], name="a_holder_has_one_copy_of_a_key"
                    ),
                ),
            ],
        )
    ]

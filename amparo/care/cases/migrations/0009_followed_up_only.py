from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_a_service_is_asked"),
    ]

    operations = [
        migrations.AlterField(
            model_name="entry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("opened", "Case opened"),
                    ("contact", "Contact"),
                    ("person", "Somebody new"),
                    ("note", "Note"),
                    ("event", "What happened to her"),
                    ("task", "Planned"),
                    ("done", "Done"),
                    ("cancelled", "Not needed any more"),
                    ("moved", "Put off"),
                    ("urgency", "Urgency"),
                    ("document", "Document"),
                    ("joined", "Joined the team"),
                    ("left", "Left the team"),
                    ("taken", "Has it in hand now"),
                    ("handed_over", "Handed over"),
                    ("read_over", "Has read the hand-over"),
                    ("closed", "Case closed"),
                    ("reopened", "Case opened again"),
                    ("followed_up", "Only followed up from now on"),
                    ("worked_on", "Worked on again"),
                    ("assessed", "Assessment signed"),
                    ("consented", "Consent"),
                    ("withdrawn", "Consent withdrawn"),
                    ("basis", "May be told without consent"),
                    ("disclosed", "Told to an institution"),
                    ("referred", "A service is asked"),
                    ("return_code", "Whose return code it is"),
                    ("bed_held", "A bed is held"),
                    ("bed_released", "The bed is released"),
                    ("bed_asked", "A place in a house is asked for"),
                    ("bed_approved", "The place is approved"),
                    ("bed_declined", "The place is declined"),
                    ("arrived", "Arrived at the house"),
                    ("moved_bed", "Another bed"),
                    ("left_house", "Left the house"),
                    ("no_bed", "No bed fitted"),
                ],
                max_length=12,
            ),
        ),
    ]

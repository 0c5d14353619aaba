"""What a house must know of a risk is told on a basis of its own, for each who comes.

What stood in the placement until now was told without asking anybody. It is sealed under the placement's key and bound to
its column, so it cannot be moved by SQL to where it would be asked for: it goes with the column, from the house at once.
Where she agrees it is written anew, on the page of the placement.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

import amparo.ground.vault.fields

FUNCTIONS = """
create or replace function shelters_tell(placement uuid, kind text, at timestamptz, is_over boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house') then
        raise exception 'only who holds a placement tells of it' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_tell.kind, shelters_tell.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where (g.key_id = it.key_id or g.key_id in (
            select t.key_id from shelters_toknow t where t.placement_id = it.id)) and (g.agency_id <> g.owner_id
            or g.holder = 'u' || it.escort_user_id and not exists (select from cases_member m
                where m.case_id = it.case_id and m.user_id = it.escort_user_id and m.until is null));
    end if;
end $$;

create or replace function shelters_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update shelters_placement set escort = null, because = null where key_id = new.id;
    delete from shelters_toknow where key_id = new.id;
    return null;
end $$;

-- Whether each who is to come still agrees to what her house is told of a risk. An officer, who may not read a consent,
-- hands it on and asks; `holds`: who takes one back waits until the transaction ends, and then closes that copy too.
create function shelters_is_agreed(placement uuid, holds boolean) returns boolean
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare bases uuid[];
begin
    select array_agg(t.basis) into bases from shelters_toknow t join shelters_placement p on p.id = t.placement_id
    where p.id = placement and shelters_holds(p.key_id)
        and t.at = (select max(n.at) from shelters_toknow n where n.placement_id = placement);
    if holds then
        perform from consent_consent c where c.id = any (bases) order by c.id for share;
    end if;
    return bases is not null and not exists (select from unnest(bases) basis where not exists (
        select from consent_consent c where c.id = basis and c.withdrawn_at is null
            and c.expires_at > statement_timestamp()));
end $$;
"""
BEFORE = """
drop function shelters_is_agreed;
create or replace function shelters_tell(placement uuid, kind text, at timestamptz, is_over boolean) returns void
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
declare it shelters_placement%rowtype;
begin
    select p.* into it from shelters_placement p where p.id = placement and shelters_holds(p.key_id);
    if not found or kind not in ('', 'bed_approved', 'bed_declined', 'arrived', 'moved_bed', 'left_house') then
        raise exception 'only who holds a placement tells of it' using errcode = '42501';
    end if;
    if kind <> '' then
        insert into cases_entry (id, case_id, key_id, kind, at, by_id, about)
        select gen_random_uuid(), c.id, c.key_id, shelters_tell.kind, shelters_tell.at, acting.user_id(), it.id::text
        from cases_case c where c.id = it.case_id;
    end if;
    if is_over and it.state in ('left', 'declined', 'released') then
        delete from vault_grant g where g.key_id = it.key_id and (g.agency_id <> g.owner_id
            or g.holder = 'u' || it.escort_user_id and not exists (select from cases_member m
                where m.case_id = it.case_id and m.user_id = it.escort_user_id and m.until is null));
    end if;
end $$;

create or replace function shelters_forget() returns trigger
language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
begin
    update shelters_placement set escort = null, to_know = null, because = null where key_id = new.id;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consent", "0004_who_is_told_without_consent"),
        ("shelters", "0003_what_was_approved_stays"),
        ("vault", "0010_a_copy_is_known_by_its_key_and_holder"),
    ]

    operations = [
        migrations.RemoveField(
            model_name="placement",
            name="to_know",
        ),
        migrations.CreateModel(
            name="ToKnow",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("share", amparo.ground.vault.fields.SealedBytes()),
                ("out_of", models.PositiveSmallIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("safe_house_secrecy", "the address belongs to all who live there"),
                            ("active_placement_transport", "two people approved the placement"),
                            ("court_order", "court order"),
                            ("consent", "consent"),
                            ("caller_protected", "who called stays unnamed"),
                            ("imminent_danger", "imminent danger"),
                            ("child_at_risk", "child at risk"),
                            ("duty_to_report", "duty to report"),
                            ("no_basis", "nothing allows it"),
                        ],
                        max_length=32,
                    ),
                ),
                ("basis", models.UUIDField()),
                ("until", models.DateTimeField()),
                (
                    "key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="vault.datakey"
                    ),
                ),
                (
                    "placement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="to_know",
                        to="shelters.placement",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "to know",
                "indexes": [models.Index(fields=["placement", "-at"], name="to_know_newest_first")],
            },
        ),
        migrations.RunSQL(FUNCTIONS, BEFORE),
    ]

"""Start a unit's program as systemd would, where systemd does not run: `as_unit.py UNIT`, as root, in Debian.

It reads the unit, and applies its account, environment, capabilities, writable folders, private /tmp,
filter of system calls and ban of memory that is both writable and executable. It stays the same process.
"""

import ctypes
import grp
import os
import pwd
import subprocess
import sys
from pathlib import Path

import seccomp  # Debian's python3-seccomp

UNITS = Path("/usr/lib/systemd/system")
LIBC = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 24, 38, 65  # prctl(2)
LAST_CAPABILITY = int(Path("/proc/sys/kernel/cap_last_cap").read_text())
S_ISGID_OR_ISUID = 0o6000
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
CAPABILITIES = {
    "CAP_CHOWN": 0, "CAP_DAC_OVERRIDE": 1, "CAP_DAC_READ_SEARCH": 2, "CAP_FOWNER": 3, "CAP_FSETID": 4,
    "CAP_SETGID": 6, "CAP_SETUID": 7,
}  # fmt: skip


def read_unit(unit: str) -> dict[str, list[str]]:
    """The settings of [Service], each with its values; an empty value begins anew, as in systemd."""
    template, at, instance = unit.partition("@")
    path = UNITS / (f"{template}@.service" if at else unit)
    values: dict[str, list[str]] = {}
    section = ""
    for line in path.read_text().replace("%i", instance.removesuffix(".service")).splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            values[key] = [*values.get(key, []), value] if value else []
    return values


def is_on(values: dict[str, list[str]], key: str) -> bool:
    return (values.get(key) or ["no"])[-1] == "yes"


def words(values: dict[str, list[str]], key: str) -> list[str]:
    return " ".join(values.get(key, [])).split()


def run(*command: str) -> None:
    subprocess.run(command, check=True)


def close_folders(values: dict[str, list[str]]) -> None:
    """Make all read-only but the folders of ReadWritePaths, and give a /tmp of its own. Others do not see it."""
    if LIBC.unshare(0x00020000):  # CLONE_NEWNS
        raise OSError(ctypes.get_errno(), "unshare")
    run("mount", "--make-rprivate", "/")
    for folder in (path.removeprefix("-") for path in words(values, "ReadWritePaths")):
        if Path(folder).exists():
            run("mount", "--bind", folder, folder)
    run("mount", "-t", "tmpfs", "-o", "mode=1777", "private", "/tmp")
    for folder in ("/root", "/home"):
        run("mount", "-t", "tmpfs", "-o", "mode=0,ro", "hidden", folder)
    run("mount", "-o", "remount,ro,bind", "/")


def calls_of(group: str) -> set[str]:
    listed = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    lines = [line.strip() for line in listed.stdout.splitlines()[1:]]
    plain = {line for line in lines if line and not line.startswith(("#", "@"))}
    return plain.union(*(calls_of(line) for line in lines if line.startswith("@")))


def allowed_calls(filters: list[str]) -> set[str]:
    allowed: set[str] = set()
    for each in filters:
        found = set().union(*(calls_of(group) for group in each.removeprefix("~").split()))
        allowed = allowed - found if each.startswith("~") else allowed | found
    return allowed


def filter_calls(values: dict[str, list[str]]) -> None:
    """Refuse system calls, as systemd does, with EPERM; sockets of other families; and setgid files, where so said."""
    allowed = allowed_calls(values["SystemCallFilter"])
    refuse = seccomp.ERRNO(1)
    rules = seccomp.SyscallFilter(refuse)
    modes = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "fchmodat2": 2, "mkdir": 1, "mkdirat": 2} if is_on(
        values, "RestrictSUIDSGID"
    ) else {}  # fmt: skip
    for call in sorted(allowed - {"socket"}):
        try:
            if call in modes:
                free = seccomp.Arg(modes[call], seccomp.MASKED_EQ, S_ISGID_OR_ISUID, 0)
                rules.add_rule(seccomp.ALLOW, call, free)
            else:
                rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, ValueError):
            continue  # a call of another processor
    for family in words(values, "RestrictAddressFamilies"):
        rules.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, FAMILIES[family]))
    rules.load()


def give_up_privileges(values: dict[str, list[str]]) -> None:
    kept = {CAPABILITIES[name] for name in words(values, "CapabilityBoundingSet")}
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in kept and LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "PR_CAPBSET_DROP")
    if user := values.get("User"):
        account = pwd.getpwnam(user[-1])
        os.setgroups(os.getgrouplist(account.pw_name, account.pw_gid))
        os.setresgid(*[grp.getgrnam(values["Group"][-1]).gr_gid] * 3)
        os.setresuid(*[account.pw_uid] * 3)
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_NO_NEW_PRIVS")


def environment_of(values: dict[str, list[str]]) -> dict[str, str]:
    account = pwd.getpwnam((values.get("User") or ["root"])[-1])
    found = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LANG": "C.UTF-8",
        "HOME": account.pw_dir,
        "USER": account.pw_name,
    }
    for path in values.get("EnvironmentFile", []):
        lines = (line.strip() for line in Path(path).read_text().splitlines())
        found |= dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return found


def main(unit: str) -> None:
    values = read_unit(unit)
    environment = environment_of(values)
    command = [part.replace("${AMPARO_BACKUP_KEYS}", environment["AMPARO_BACKUP_KEYS"]).strip('"')
               for part in values["ExecStart"][-1].split()]  # fmt: skip
    os.umask(int(values["UMask"][-1], 8))
    os.chdir(values["WorkingDirectory"][-1])
    os.nice(int((values.get("Nice") or ["0"])[-1]))
    close_folders(values)
    give_up_privileges(values)
    filter_calls(values)
    if is_on(values, "MemoryDenyWriteExecute") and LIBC.prctl(PR_SET_MDWE, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_MDWE")
    os.execve(command[0], command, environment)


if __name__ == "__main__":
    main(sys.argv[1])

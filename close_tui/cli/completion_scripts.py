"""The scripts for bash, zsh and fish: each asks ``close-tui complete`` and offers its answer.

A name comes out of the vault and may hold anything. It is never evaluated: bash is handed words
that are quoted already, zsh and fish quote what they insert themselves.
"""

from __future__ import annotations

from typing import Final

INSTALL: Final = {
    "bash": "close-tui completion bash > ~/.local/share/bash-completion/completions/close-tui",
    "zsh": "close-tui completion zsh > ~/.zfunc/_close-tui  # ~/.zfunc is in $fpath",
    "fish": "close-tui completion fish > ~/.config/fish/completions/close-tui.fish",
}
"""How each is installed; the folder must be there."""

_HEAD: Final = """\
# Completion of close-tui {version} in {shell}. Made by: close-tui completion {shell}
# Install it so, and again after an update of close-tui:
#   {install}
"""

_BASH: Final = r"""
_close_tui_table={table}

_close_tui() {
    local reply word
    COMPREPLY=()
    reply=$(command close-tui complete bash "$_close_tui_table" \
        "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" 2>/dev/null </dev/null)
    case $reply in
        '') ;;
        :files) compopt -o default 2>/dev/null ;;
        :commands) while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -c -- "$2") ;;
        *) while IFS= read -r word; do COMPREPLY+=("$word"); done <<<"$reply" ;;
    esac
    return 0
}

complete -F _close_tui close-tui
"""

_ZSH: Final = r"""
_close_tui() {
    local table={table}
    local -a before reply texts shown
    local line
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    reply=("${(@f)$(command close-tui complete zsh "$table" "${before[@]}" "${(Q)PREFIX}" \
        2>/dev/null </dev/null)}")
    case $reply[1] in
        '') return 1 ;;
        :files) _files ;;
        :commands) _command_names -e ;;
        *)
            for line in "${reply[@]}"; do
                texts+=("${line%%$'\t'*}")
                shown+=("${line/$'\t'/  }")
            done
            compadd -l -d shown -a texts
            ;;
    esac
}

if [[ $funcstack[1] == _close-tui ]]; then
    _close_tui "$@"
else
    compdef _close_tui close-tui
fi
"""

_FISH: Final = r"""
set -g __close_tui_table {table}

function __close_tui_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -e before[1]
    set -l reply (command close-tui complete fish "$__close_tui_table" $before "$current" \
        2>/dev/null </dev/null)
    switch "$reply[1]"
        case ':files'
            __fish_complete_path "$current"
        case ':commands'
            complete -C "$current"
        case '*'
            printf '%s\n' $reply
    end
end

complete -c close-tui -f -a '(__close_tui_complete)'
"""


def script(shell: str, table: str, version: str) -> str:
    """Return the script for a shell, with its table in it."""
    head = _HEAD.format(version=version, shell=shell, install=INSTALL[shell])
    if shell == "zsh":
        head = f"#compdef close-tui\n{head}"
    body = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}[shell]
    return head + body.replace("{table}", _literal(shell, table))


def _literal(shell: str, text: str) -> str:
    """Return text in single quotes, as this shell writes them."""
    if shell == "fish":
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\\''") + "'"

/// The scripts that make a shell ask `posetop complete` what may come next.
enum ShellScripts {
  static let names = ["bash", "zsh", "fish"]

  /// The script of a shell; nil for one that there is none for.
  static func text(_ shell: String) -> String? {
    switch shell {
    case "bash": bash
    case "zsh": zsh
    case "fish": fish
    default: nil
    }
  }

  private static let bash = #"""
    # bash completion of posetop; install as share/bash-completion/completions/posetop, or:
    #   source <(posetop completions bash)
    _posetop() {
      local line others= IFS=$'\n'
      COMPREPLY=()
      while read -r line; do
        case $line in
          :*) others=${line#:} ;;
          *) COMPREPLY+=("${line%%$'\t'*}") ;;
        esac
      done < <("${COMP_WORDS[0]}" complete -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
      case $others in
        files) COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")); compopt -o filenames ;;
        folders) COMPREPLY+=($(compgen -d -- "${COMP_WORDS[COMP_CWORD]}")); compopt -o filenames ;;
      esac
    }
    complete -F _posetop posetop
    """#

  private static let zsh = #"""
    #compdef posetop
    # zsh completion of posetop; install as share/zsh/site-functions/_posetop.
    _posetop() {
      local line others
      local -a found
      while IFS= read -r line; do
        case $line in
          :*) others=${line#:} ;;
          *$'\t'*) found+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}") ;;
          *) found+=("${line//:/\\:}") ;;
        esac
      done < <("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)
      (( $#found )) && _describe posetop found
      case $others in
        files) _files ;;
        folders) _files -/ ;;
      esac
    }
    if [ "$funcstack[1]" = _posetop ]; then _posetop "$@"; else compdef _posetop posetop; fi
    """#

  private static let fish = #"""
    # fish completion of posetop; install as share/fish/vendor_completions.d/posetop.fish.
    function __posetop_complete
        set -l words (commandline -opc) (commandline -ct)
        for line in ($words[1] complete -- $words[2..-1] 2>/dev/null)
            switch $line
                case ':files'
                    __fish_complete_path (commandline -ct)
                case ':folders'
                    __fish_complete_directories (commandline -ct) ''
                case ':*'
                case '*'
                    echo $line
            end
        end
    end
    complete -c posetop -f -a '(__posetop_complete)'
    """#
}

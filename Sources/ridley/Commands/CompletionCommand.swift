import Base

/// Scripts that complete commands and options in a shell.
struct CompletionCommand: Command {
  let path = ["completion"]
  let summary = "Print a script that completes commands and options in your shell"
  let positionals = [Positional(name: "shell", help: "bash, zsh or fish")]
  let options: [Option] = []
  let examples = [
    "ridley completion bash > /etc/bash_completion.d/ridley",
    "ridley completion fish > ~/.config/fish/completions/ridley.fish",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    switch arguments.positionals[0] {
    case "bash": try Terminal.print(Self.bash)
    // zsh reads bash's completions after one call.
    case "zsh": try Terminal.print("autoload -U +X bashcompinit && bashcompinit\n" + Self.bash)
    case "fish": try Terminal.print(Self.fish)
    default: throw arguments.refusal("'\(arguments.positionals[0])' is not a shell known here: bash, zsh or fish")
    }
    return .success
  }

  private static var bash: String {
    let cases = Commands.all.map { command in
      "    '\(command.name)'*) words='\(command.options.map { "--" + $0.name }.joined(separator: " "))' ;;\n"
    }.joined()
    let firsts = Set(Commands.all.map { $0.path[0] } + ["help"]).sorted().joined(separator: " ")
    let seconds = Commands.groups.map { group in
      let members = Commands.all.filter { $0.path[0] == group.word }.map { $0.path[1] }.joined(separator: " ")
      return "    \(group.word)) words='\(members)' ;;\n"
    }.joined()
    return """
      _ridley() {
        local words='' word="${COMP_WORDS[COMP_CWORD]}" line="${COMP_WORDS[*]:1:COMP_CWORD-1}"
        case "$line" in
          '') words='\(firsts)' ;;
      \(seconds)\(cases)  esac
        if [[ $word == -* || -z $line || " \(Commands.groups.map(\.word).joined(separator: " ")) " == *" $line "* ]]; then
          COMPREPLY=($(compgen -W "$words" -- "$word"))
        else
          COMPREPLY=($(compgen -f -- "$word"))
        fi
      }
      complete -o filenames -F _ridley ridley

      """
  }

  private static var fish: String {
    var text = ""
    for command in Commands.all {
      let seen = command.path.dropLast().map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
      let condition = command.path.count == 1 ? "__fish_use_subcommand" : seen
      text += "complete -c ridley -n '\(condition)' -a \(command.path.last!) -d '\(quoted(command.summary))'\n"
      for option in command.options {
        text += "complete -c ridley -n '__fish_seen_subcommand_from \(command.path.last!)' -l \(option.name)"
        text += option.value == nil ? "" : " -r"
        text += option.choices.isEmpty ? "" : " -a '\(option.choices.joined(separator: " "))'"
        text += " -d '\(quoted(option.help))'\n"
      }
    }
    return text
  }

  private static func quoted(_ text: String) -> String { String(text.flatMap { $0 == "'" ? "\\'" : String($0) }) }
}

import Base

/// Scripts that complete commands, options, their values, and names in a shell.
struct CompletionCommand: Command {
  let path = ["completion"]
  let summary = "Print a script that completes commands, options, values and names in your shell"
  let positionals = [Positional(name: "shell", help: "bash, zsh or fish")]
  let options: [Option] = []
  let examples = [
    "source <(ridley completion bash)",
    "ridley completion bash > /etc/bash_completion.d/ridley",
    "ridley completion fish > ~/.config/fish/completions/ridley.fish",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    switch arguments.positionals[0] {
    case "bash": try Terminal.print(BashCompletion.script)
    // zsh reads bash's completions after one call.
    case "zsh": try Terminal.print("autoload -U +X bashcompinit && bashcompinit\n" + BashCompletion.script)
    case "fish": try Terminal.print(FishCompletion.script)
    default: throw arguments.refusal("'\(arguments.positionals[0])' is not a shell known here: bash, zsh or fish")
    }
    return .success
  }
}

/// What may stand in the place of an option's value or of a word.
enum CompletedValue {
  case words([String])
  /// Names of `ridley model list`, or these and files.
  case models
  case modelsAndFiles
  case files
  case folders
  /// A number, a time, a name that is not known here.
  case other

  init(_ option: Option) {
    guard option.choices.isEmpty else {
      self = .words(option.choices)
      return
    }
    switch option.value {
    case "NAME|FILE": self = option.name == "model" ? .modelsAndFiles : .files
    case let value? where value.contains("FOLDER") || value == "DIR": self = .folders
    case let value? where value.contains("FILE") || value.contains("CERT"): self = .files
    case "NAME" where option.name == "device": self = .words(["cpu", "gpu", "npu", "cuda", "auto"])
    default: self = .other
    }
  }

  /// Of what a command takes besides options.
  init(_ command: any Command) {
    switch command.positionals.first?.name {
    case "file": self = .files
    case "model": self = .modelsAndFiles
    case "name": self = .models
    case "shell": self = .words(["bash", "zsh", "fish"])
    default: self = .other
    }
  }
}

private enum BashCompletion {
  static let script = """
    _ridley() {
      local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" words='' kind=words
      local line="${COMP_WORDS[*]:1:COMP_CWORD-1}"
      # --option=value comes in three words.
      if [[ $word == = ]]; then word=''; elif [[ $before == = ]]; then before="${COMP_WORDS[COMP_CWORD-2]}"; fi
      case "$line" in
        ''|help) words='\(firsts)' ;;
    \(groups)\(Commands.all.map(part).joined())  esac
      COMPREPLY=()
      case "$kind" in
        words) COMPREPLY=($(compgen -W "$words" -- "$word")) ;;
        models|both) COMPREPLY=($(compgen -W "$(ridley model list --names 2>/dev/null)" -- "$word")) ;;
      esac
      local IFS=$'\\n'
      case "$kind" in
        files|both) COMPREPLY+=($(compgen -f -- "$word")) ;;
        folders) COMPREPLY+=($(compgen -d -- "$word")) ;;
      esac
    }
    complete -o filenames -F _ridley ridley

    """

  private static let firsts = Set(Commands.all.map { $0.path[0] } + ["help"]).sorted().joined(separator: " ")

  private static let groups = Commands.groups.map { group in
    let members = Commands.all.filter { $0.path[0] == group.word }.map { $0.path[1] }.joined(separator: " ")
    return "    \(group.word)|'help \(group.word)') words='\(members)' ;;\n"
  }.joined()

  private static func part(_ command: any Command) -> String {
    let values = command.allOptions.filter { $0.value != nil && !$0.isOptional }
      .map { "        --\($0.name)) \(assignment(CompletedValue($0))) ;;\n" }.joined()
    let options = command.allOptions.map { "--" + $0.name }.joined(separator: " ")
    return """
          '\(command.name)'|'\(command.name) '*)
            case "$before" in
      \(values)        *) \(assignment(CompletedValue(command)))
                if [[ $word == -* ]]; then kind=words words='\(options)'; fi ;;
            esac ;;

      """
  }

  private static func assignment(_ value: CompletedValue) -> String {
    switch value {
    case .words(let words): "words='\(words.joined(separator: " "))'"
    case .models: "kind=models"
    case .modelsAndFiles: "kind=both"
    case .files: "kind=files"
    case .folders: "kind=folders"
    case .other: "kind=none"
    }
  }
}

private enum FishCompletion {
  static let script = Commands.all.map { command in
    let seen = command.path.dropLast().map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
    let condition = command.path.count == 1 ? "__fish_use_subcommand" : seen
    let here = "__fish_seen_subcommand_from \(command.path.last!)"
    var text = "complete -c ridley -n '\(condition)' -a \(command.path.last!) -d '\(quoted(command.summary))'\n"
    text += positional(CompletedValue(command)).map { "complete -c ridley -n '\(here)' \($0)\n" } ?? ""
    for option in command.allOptions {
      let value = option.value == nil || option.isOptional ? "" : " " + argument(CompletedValue(option))
      text += "complete -c ridley -n '\(here)' -l \(option.name)\(value) -d '\(quoted(option.help))'\n"
    }
    return text
  }.joined()

  private static let models = "'(ridley model list --names 2>/dev/null)'"

  private static func argument(_ value: CompletedValue) -> String {
    switch value {
    case .words(let words): "-x -a '\(words.joined(separator: " "))'"
    case .models: "-x -a \(models)"
    case .modelsAndFiles: "-r -F -a \(models)"
    case .files: "-r -F"
    case .folders: "-x -a '(__fish_complete_directories)'"
    case .other: "-x"
    }
  }

  private static func positional(_ value: CompletedValue) -> String? {
    switch value {
    case .words(let words): "-f -a '\(words.joined(separator: " "))'"
    case .models: "-f -a \(models)"
    case .modelsAndFiles: "-a \(models)"
    case .files, .folders: nil
    case .other: "-f"
    }
  }

  private static func quoted(_ text: String) -> String { String(text.flatMap { $0 == "'" ? "\\'" : String($0) }) }
}

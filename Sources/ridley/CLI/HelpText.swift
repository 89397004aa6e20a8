/// Help on every level, as text of at most 100 columns.
enum HelpText {
  static let overview: String = {
    var text = """
      ridley \(Version.text): trained vision models, put to work on video

      Usage: ridley <command> [options]

      Commands:

      """
    text += columns(Commands.all.map { ($0.name, $0.summary) })
    text += """

      'ridley help <command>' tells more about one of them.

      Exit codes:

      """
    text += columns(ExitCode.allCases.map { ("\($0.rawValue)", $0.meaning) })
    text += #"""

      With --json, standard output of a command that fails is {"error":{"code":"…","message":"…"}}.

      """#
    return text
  }()

  static func group(_ word: String, _ summary: String) -> String {
    let members = Commands.all.filter { $0.path.first == word }
    return "ridley \(word): \(summary)\n\nCommands:\n" + columns(members.map { ($0.name, $0.summary) })
      + "\n'ridley help \(word) <command>' tells more about one of them.\n"
  }

  static func command(_ command: any Command) -> String {
    let words = command.positionals.map { $0.isRequired ? "<\($0.name)>" : "[\($0.name)]" + ($0.repeats ? "…" : "") }
    let positionals = zip(command.positionals, words).map { $0.repeats && $0.isRequired ? $1 + "…" : $1 }
    var text = "\(command.summary)\n\nUsage: ridley \(command.name)"
    text += positionals.map { " " + $0 }.joined() + (command.allOptions.isEmpty ? "" : " [options]") + "\n"
    if !command.positionals.isEmpty {
      text += "\n" + columns(command.positionals.map { ("<\($0.name)>", $0.help) })
    }
    if !command.allOptions.isEmpty {
      text += "\nOptions:\n"
      text += columns(command.allOptions.map { ("--\($0.name)\($0.shownValue)", $0.help) })
    }
    if !command.examples.isEmpty {
      text += "\nExamples:\n" + command.examples.map { "  \($0)\n" }.joined()
    }
    return text
  }

  /// Two columns; a left side that is too wide gets a line of its own.
  private static func columns(_ rows: [(String, String)]) -> String {
    let width = min(26, (rows.map(\.0.count).max() ?? 0)) + 2
    return rows.map { left, right in
      let lines = wrap(right, 96 - width)
      let first =
        left.count < width - 1
        ? left + String(repeating: " ", count: width - left.count)
        : left + "\n  " + String(repeating: " ", count: width)
      return "  " + first + lines.joined(separator: "\n  " + String(repeating: " ", count: width)) + "\n"
    }.joined()
  }

  private static func wrap(_ text: String, _ width: Int) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] += " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}

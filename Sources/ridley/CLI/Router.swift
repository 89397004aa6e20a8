import Base

/// Finds the command that the first words name, and answers calls for help.
enum Router {
  static func run(_ words: [String]) throws(Fault) -> ExitCode {
    var words = words
    let wantsHelp = words.first == "help" || words.contains { $0 == "--help" || $0 == "-h" }
    if words.first == "help" { words.removeFirst() }
    words.removeAll { $0 == "--help" || $0 == "-h" }
    guard let first = words.first else { return try show(HelpText.overview, wantsHelp ? .success : .usage) }
    if first == "--version" { return try VersionCommand().run(Arguments([], for: VersionCommand())) }
    guard let command = (Commands.all + Commands.hidden).first(where: { words.starts(with: $0.path) }) else {
      return try explain(words, wantsHelp: wantsHelp)
    }
    if wantsHelp { return try show(HelpText.command(command), .success) }
    return try run(command, Array(words.dropFirst(command.path.count)))
  }

  /// A command that was to answer in JSON says so in JSON when it fails, before anything else stood there.
  private static func run(_ command: any Command, _ words: [String]) throws(Fault) -> ExitCode {
    var wantsJSON = command.options.contains { $0.name == "json" } && words.prefix { $0 != "--" }.contains("--json")
    do throws(Fault) {
      let arguments = try Arguments(words, for: command)
      wantsJSON = arguments.has("json")
      SharedPlace.take(arguments)
      return command.isContained ? try IsolatedCommand.run(command, arguments) : try command.run(arguments)
    } catch {
      if wantsJSON { try? Terminal.print(String(decoding: FaultEnvelope.json(error), as: UTF8.self) + "\n") }
      throw error
    }
  }

  private static func explain(_ words: [String], wantsHelp: Bool) throws(Fault) -> ExitCode {
    if let group = Commands.groups.first(where: { $0.word == words[0] }) {
      guard words.count > 1 else {
        return try show(HelpText.group(group.word, group.summary), wantsHelp ? .success : .usage)
      }
      let members = Commands.all.filter { $0.path.first == group.word }.map { $0.path[1] }
      throw Fault(
        .usage,
        "there is no command 'ridley \(group.word) \(words[1])'\(Suggestion.hint(for: words[1], among: members)); see 'ridley help \(group.word)'"
      )
    }
    let known = Commands.all.map { $0.path[0] } + ["help"]
    throw Fault(
      .usage,
      "there is no command 'ridley \(words[0])'\(Suggestion.hint(for: words[0], among: known)); see 'ridley help'"
    )
  }

  /// Help that was asked for goes to standard output; help that was owed goes to standard error.
  private static func show(_ text: String, _ code: ExitCode) throws(Fault) -> ExitCode {
    if code == .success { try Terminal.print(text) } else { Terminal.complain(text) }
    return code
  }
}

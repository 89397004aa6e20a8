import Base
import Fleet

/// Makes a token by which one node comes in.
struct EdgeTokenCommand: Command {
  let path = ["edge", "token"]
  let summary = "Make a token by which one node comes in, once; it is shown once and kept as a hash"
  let positionals: [Positional] = []
  let options =
    [
      Option.value("for", "NAME", "what the node will be called: small letters, digits, '.', '_' or '-'"),
      Option.value("client", "NAME", "whose it will be (default local; with --server the client of the key)"),
      Option.value("group", "NAME[,NAME]", "groups that it will be in, by which updates name many nodes at once"),
      Option.value("tag", "WORD[,WORD]", "words on it"),
      Option.value("hours", "N", "for how long the token can be used (default 24)"),
      Option.value("output", "FILE", "write the token there, for its owner alone to read, in place of printing it"),
    ] + LibraryPlace.options + [Option.flag("json", "print one JSON object")]
  let examples = [
    "ridley edge token --for dock --group west --library lib --output dock.token",
    "ridley edge token --for dock --server https://centre:8443 --key ops.key --output dock.token",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let name = arguments["for"] else { throw arguments.refusal("a token is for one node: --for NAME") }
    let file = arguments["output"]
    if file != nil, arguments.has("json") { throw arguments.refusal("say --output FILE or --json, and not both") }
    let hours = try arguments.number("hours", in: 1.0 / 60...720) ?? 24
    let request = TokenRequest(
      name: try FleetPlace.name(name, arguments), client: arguments["client"] ?? GroupOptions.usualClient,
      groups: words(arguments["group"]), tags: words(arguments["tag"]), seconds: hours * 3600)
    let made = try FleetPlace(arguments).makeToken(request, ofOwn: arguments["client"] == nil)
    guard arguments.has("json") else {
      if let file {
        try FileSystem.write(Array((made.word + "\n").utf8), to: file, isSecret: true)
      } else {
        try Terminal.print(made.word + "\n")
      }
      Terminal.confide(
        """
        This is the token for the node \(request.name.text), to be used once, until \(made.expires). \(file.map { "It is in \($0), for you alone to read." } ?? "It is shown this once: keep it in a file.")
        On the node: ridley serve --library DIR --join https://CENTRE:PORT --token-file FILE, with the address of this centre's door for nodes.

        """)
      return .success
    }
    try Terminal.print(
      JSONText.line { json in
        json.field("node", request.name.text)
        json.field("expires", made.expires)
        json.field("token", made.word)
      })
    return .success
  }

  private func words(_ text: String?) -> [String] { text?.split(separator: ",").map(String.init) ?? [] }
}

/// Which nodes there are.
struct EdgeListCommand: Command {
  let path = ["edge", "list"]
  let summary = "List the nodes: whose they are, in which groups, and when they last said something"
  let positionals: [Positional] = []
  let options = LibraryPlace.options + [Option.flag("json", "print one JSON object")]
  let examples: [String] = []

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let nodes = try FleetPlace(arguments).nodes()
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("nodes") { json in for node in nodes { json.object { node.write(into: &$0) } } }
        })
    } else if nodes.isEmpty {
      try Terminal.print("no nodes: 'ridley edge token --for NAME' makes a token by which one comes in\n")
    } else {
      try Terminal.print(table(nodes))
    }
    return .success
  }

  private func table(_ nodes: [KnownNode]) -> String {
    var table = Table([
      ("node", .left), ("client", .left), ("state", .left), ("seen", .left), ("groups", .left), ("tags", .left),
      ("key", .left),
    ])
    for node in nodes {
      table.add([
        node.name, node.client, node.state, node.seen ?? "never", node.groups.joined(separator: ","),
        node.tags.joined(separator: ","), String(node.fingerprint.prefix(12)),
      ])
    }
    return table.text
  }
}

/// Shuts a node out.
struct EdgeRevokeCommand: Command {
  let path = ["edge", "revoke"]
  let summary = "Shut a node out: its key opens nothing any more, from its next request on"
  let positionals = [Positional(name: "node", help: "the node; a token for its name that nobody has used goes too")]
  let options = LibraryPlace.options
  let examples = ["ridley edge revoke dock --library lib"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = try FleetPlace.name(arguments.positionals[0], arguments)
    try FleetPlace(arguments).revoke(name)
    try Terminal.print("\(name.text) is shut out: what it sends is refused within a second\n")
    return .success
  }
}

/// Puts words on a node.
struct EdgeTagsCommand: Command {
  let path = ["edge", "tags"]
  let summary = "Put other tags and groups on a node, in place of those that it has"
  let positionals = [
    Positional(name: "node", help: "the node"),
    Positional(
      name: "tag", help: "its tags from now on; none leaves them, but for --none", isRequired: false, repeats: true),
  ]
  let options =
    [
      Option.value("group", "NAME[,NAME]", "its groups from now on"),
      Option.flag("none", "take all of its tags away"),
    ] + LibraryPlace.options
  let examples = ["ridley edge tags dock loading outdoors --group west --library lib"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let name = try FleetPlace.name(arguments.positionals[0], arguments)
    let words = Array(arguments.positionals.dropFirst())
    guard !arguments.has("none") || words.isEmpty else { throw arguments.refusal("tags, or --none, and not both") }
    let tags = words.isEmpty && !arguments.has("none") ? nil : words
    let groups = arguments["group"].map { $0.split(separator: ",").map(String.init) }
    guard tags != nil || groups != nil else {
      throw arguments.refusal("say what is to stand on the node: tags, --group NAME, or --none")
    }
    let node = try FleetPlace(arguments).label(name, groups: groups, tags: tags)
    try Terminal.print(
      "\(node.name): groups \(Self.text(node.groups)), tags \(Self.text(node.tags))\n")
    return .success
  }

  private static func text(_ words: [String]) -> String { words.isEmpty ? "none" : words.joined(separator: ", ") }
}

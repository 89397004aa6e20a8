import Base
import Catalog
import Delivery

/// Has a webhook or a broker told what happens in streams.
struct TargetAddCommand: Command {
  let path = ["target", "add"]
  let summary = "Have a webhook or a broker of MQTT told what happens in streams"
  let positionals = [
    TargetPlace.position,
    Positional(name: "address", help: "https://… of a webhook, or mqtts://HOST or mqtt://HOST of a broker"),
  ]
  let options = [
    LibraryPlace.option, TargetPlace.client,
    .value("secret-file", "FILE", "what a webhook's notices are signed with; without one a secret is made and printed"),
    .value("user", "NAME", "of a broker"), .value("password-file", "FILE", "of a broker"),
    .value(
      "kinds", "WORD[,WORD]",
      "only events of rules (event), what the server lacks (health), what alerts find (alert), or what is not as it was (drift)"
    ),
    .value("streams", "NAME[,NAME]", "only of these streams"), .value("rules", "NAME[,NAME]", "only of these rules"),
    .value("labels", "NAME[,NAME]", "only with these labels"),
    .value("phases", "WORD[,WORD]", "when: start, update, end (default start,end)"),
    .value("topic", "TOPIC", "what a broker's topics begin with (default \(DeliveryTarget.usualTopic))"),
    .flag("discovery", "announce streams at a broker as Home Assistant discovers them"), TargetPlace.json,
  ]
  let examples = [
    "ridley target add alarm https://example.com/hook --streams dock --labels person",
    "ridley target add home mqtt://homeassistant.local --user ridley --password-file secret --discovery",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let desk = try TargetPlace.desk(arguments, makes: true)
    var wanted = DeliveryTarget(
      client: TargetPlace.owner(arguments), name: arguments.positionals[0], address: arguments.positionals[1],
      created: 0)
    // At the machine's command line its own network may be meant.
    wanted.reachesPrivate = true
    wanted.credentials.secret = try secret(arguments, "secret-file")
    (wanted.credentials.user, wanted.credentials.password) = (
      arguments["user"], try secret(arguments, "password-file")
    )
    wanted.selection.kinds = try TargetPlace.choices(arguments, "kinds", among: StreamEvent.Kind.allCases)
    wanted.selection.streams = TargetPlace.words(arguments, "streams")
    wanted.selection.rules = TargetPlace.words(arguments, "rules")
    wanted.selection.labels = TargetPlace.words(arguments, "labels")
    if arguments["phases"] != nil {
      wanted.selection.phases = try TargetPlace.choices(arguments, "phases", among: [.start, .update, .end])
    }
    wanted.topic = arguments["topic"] ?? wanted.topic
    wanted.announces = arguments.has("discovery")
    let placed = try desk.put(wanted, scope: .all)
    let target = placed.target
    if let secret = placed.secret { Terminal.confide("ridley: the target's secret is \(secret)\n") }
    if arguments.has("json") {
      try Terminal.print(JSONText.line { target.write(into: &$0) })
    } else {
      try Terminal.print("\(target.name)  \(target.address): \(TargetPlace.text(target.selection))\n")
    }
    return .success
  }

  private func secret(_ arguments: Arguments, _ name: String) throws(Fault) -> String? {
    guard let path = arguments[name] else { return nil }
    var text = String(decoding: try FileSystem.read(path, limit: 4096), as: UTF8.self)[...]
    while let last = text.last, last.isWhitespace { text = text.dropLast() }
    return String(text)
  }
}

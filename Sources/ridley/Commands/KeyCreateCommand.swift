import Access
import Base

/// Makes a key and shows it, this once.
struct KeyCreateCommand: Command {
  let path = ["key", "create"]
  let summary = "Make a key for a client; it is shown once and kept as a hash"
  let positionals: [Positional] = []
  let options = [
    Option.value("client", "NAME", "whose key it is: small letters, digits, '.', '_' or '-'"),
    Option.value("user", "NAME", "the person it is for, where it is for one"),
    Option.value(
      "scope", "WORD[,WORD]",
      "what it may be used for: \(Scope.allCases.map(\.rawValue).joined(separator: ", ")); admin includes the others"),
    Option.value("rate", "N/s", "how often: 50/s, 600/m or 1000/h (default: not limited)"),
    Option.value("burst", "N", "how many may come at once (default: as many as the rate names)"),
    Option.value("expires", "TIME", "from when on it is not taken any more: 12h, 30d (default: never)"),
    KeyPlace.option, KeyPlace.library,
    Option.flag("json", "print one JSON object"),
  ]
  let examples = [
    "ridley key create --client acme --scope infer --rate 50/s",
    "ridley key create --client ops --scope admin --expires 30d",
    "ridley key create --client acme --user 'Ada Lovelace' --scope read,write,upload --library lib",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let date = Clock.date
    let request = try request(arguments, at: date)
    let store = try KeyPlace.store(arguments, makes: true)
    Interrupt.watch()
    let new = try store.change(stillWanted: { !Interrupt.isAsked }) { (list) throws(Fault) in
      var system = SystemRandomNumberGenerator()
      return list.create(request, at: date, using: &system)
    }
    guard arguments.has("json") else {
      try Terminal.print(new.text + "\n")
      Terminal.confide(told(new.key, store.place))
      return .success
    }
    let shown = JSONText.line { json in
      json.field("key", new.text)
      new.key.write(into: &json)
    }
    try Terminal.print(shown)
    return .success
  }

  private func told(_ key: AccessKey, _ place: String) -> String {
    let until = key.expires.map { "until \(UTC.text($0))" } ?? "until it is revoked"
    return """
      This is the key \(key.id) of \(key.client)\(key.user.map { " (\($0))" } ?? ""), for \(key.scopes.text), rate \(KeyPlace.text(key.rate)), \(until).
      It is shown this once: keep it. Its hash is kept in \(place); a server that looks there takes the key within a second.

      """
  }

  private func request(_ arguments: Arguments, at date: Int) throws(Fault) -> KeyRequest {
    guard let client = arguments["client"] else { throw arguments.refusal("a key belongs to somebody: --client NAME") }
    guard AccessKey.isClient(client) else {
      throw arguments.refusal("--client takes small letters, digits, '.', '_' and '-', not '\(client)'")
    }
    let user = arguments["user"]
    guard user.map(AccessKey.isUser) ?? true else {
      throw arguments.refusal("--user takes a name of 1 to 120 bytes on one line, without blanks at its ends")
    }
    guard let scope = arguments["scope"] else {
      throw arguments.refusal("a key is for something: --scope infer, or infer,read")
    }
    let burst = try arguments.integer("burst", in: Rate.counts)
    if burst != nil, arguments["rate"] == nil { throw arguments.refusal("--burst needs --rate") }
    let scopes = try read("scope", arguments) { () throws(Fault) in try Scopes(text: scope) }
    let rate = try arguments["rate"].map { (text) throws(Fault) in
      try read("rate", arguments) { () throws(Fault) in try Rate(text: text, burst: burst) }
    }
    let expires = try arguments.seconds("expires").map { (seconds) throws(Fault) in
      guard seconds <= 3_155_760_000 else { throw arguments.refusal("--expires takes at most a hundred years") }
      return date + Int(seconds.rounded(.up))
    }
    return KeyRequest(client: client, user: user, scopes: scopes, rate: rate, expires: expires)
  }

  private func read<T>(_ option: String, _ arguments: Arguments, _ body: () throws(Fault) -> T) throws(Fault) -> T {
    do throws(Fault) { return try body() } catch { throw arguments.refusal("--\(option): \(error.message)") }
  }
}

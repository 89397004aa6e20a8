import Base
import Gateway
import Objects

/// Whether a server is ready, for those who start and watch it: images, units, scripts.
struct HealthCommand: Command {
  private static let usual = ServeConfiguration().listen.text
  /// What a watcher that asks every few seconds can wait for.
  private static let seconds = 5

  let path = ["health"]
  let summary = "Ask a server whether it is ready: the exit code tells"
  let positionals = [
    Positional(
      name: "address", help: "HOST:PORT, or http(s)://HOST:PORT, of 'ridley serve' (default \(Self.usual))",
      isRequired: false)
  ]
  let options = [
    Option.value("timeout", "TIME", "how long to wait for the answer, in whole seconds (default \(Self.seconds)s)"),
    Option.flag("json", "print one JSON object"),
  ]
  let examples = ["ridley health", "ridley health https://vision.example.org"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let address = address(arguments.positionals.first ?? Self.usual)
    let seconds = try arguments.seconds("timeout").map { Int($0.rounded(.up)) } ?? Self.seconds
    let request = StatusRequest(address, within: seconds, takesAnyCertificate: isHere(address))
    let status = try request.status()
    guard status == 200 else {
      throw Fault(
        .unavailable, "\(address) answers \(status)\(status == 503 ? ": it is not ready yet, or it is ending" : "")")
    }
    let answer = JSONText.line { json in
      json.field("address", address)
      json.field("ready", true)
    }
    try Terminal.print(arguments.has("json") ? answer : "\(address) is ready\n")
    return .success
  }

  /// Where whoever starts it says no path, the route that tells whether every model was loaded or given up.
  private func address(_ text: String) -> String {
    let whole = text.contains("://") ? text : "http://" + text
    let rest = whole[whole.firstRange(of: "://")!.upperBound...]
    guard let slash = rest.firstIndex(of: "/") else { return whole + "/readyz" }
    return rest[slash...] == "/" ? whole + "readyz" : whole
  }

  /// A certificate names the outside's name of a server, and not `127.0.0.1`.
  private func isHere(_ address: String) -> Bool {
    let host = address.split(separator: "/", omittingEmptySubsequences: false)[2]
    let text = host.contains(":") ? String(host) : host + ":443"
    return (try? ListenAddress(text: text))?.isLoopback ?? false
  }
}

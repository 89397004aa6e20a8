import Base
import JSON

/// Masks, zones and lines of a server's live stream, as YAML.
struct StreamExportCommand: Command {
  let path = ["stream", "export"]
  let summary = "Print the masks, zones and lines of a server's live stream as YAML, for its pipeline"
  let positionals = [Positional(name: "stream", help: "its name on the server")]
  let options = RemotePlace.options + [.value("client", "NAME", "whose stream (default the key's own client)")]
  let examples = ["ridley stream export dock --server https://vision.example.org:8443 >> dock.yaml"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let server = try RemotePlace.server(arguments) else {
      throw arguments.refusal("say which server: --server URL")
    }
    let name = arguments.positionals[0]
    let zones = try server.document(
      "/v1/streams/\(RemoteServer.encoded(name))/zones", [("client", arguments["client"])])
    var yaml: String?
    for member in try zones.members() where member.key == "yaml" { yaml = try member.value.string() }
    guard let yaml else { throw Fault(.unavailable, "\(server.host) tells no zones: it is an older Ridley") }
    if yaml.isEmpty {
      Terminal.complain("ridley: the stream '\(name)' has no masks, zones and lines\n")
    } else {
      try Terminal.print(yaml)
    }
    return .success
  }
}

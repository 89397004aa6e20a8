import Base
import JSON

/// Whether what a server's live stream shows, and what is answered about it, is as it was.
struct StreamDriftCommand: Command {
  let path = ["stream", "drift"]
  let summary = "Say how far what a live stream shows, and what is answered about it, is from what was usual"
  let positionals = [Positional(name: "stream", help: "its name on the server")]
  let options =
    RemotePlace.options + [
      .value("client", "NAME", "whose stream (default the key's own client)"),
      .flag("learn", "forget what was learnt, and learn anew from now on"),
      .flag("json", "print one JSON object, with both distributions of each measure"),
    ]
  let examples = [
    "ridley stream drift dock --server http://localhost:8080",
    "ridley stream drift dock --server http://localhost:8080 --learn",
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let server = try RemotePlace.server(arguments) else {
      throw arguments.refusal("say which server: --server URL")
    }
    let name = arguments.positionals[0]
    let path = "/v1/streams/\(RemoteServer.encoded(name))/drift"
    if arguments.has("learn") {
      try server.get("DELETE", path, [("client", arguments["client"])])
      try Terminal.print("what was learnt of the stream '\(name)' is forgotten: it is learnt anew from now on\n")
      return .success
    }
    if arguments.has("json") {
      let bytes = try server.get("GET", path, [("client", arguments["client"])])
      try Terminal.print(String(decoding: bytes, as: UTF8.self) + "\n")
      return .success
    }
    let report = try StreamDriftText(try server.document(path, [("client", arguments["client"])]))
    try Terminal.print(report.text)
    return .success
  }
}

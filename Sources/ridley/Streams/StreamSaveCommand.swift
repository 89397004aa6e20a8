import Base
import Items

/// The film of a time of a server's live stream, as it was recorded.
struct StreamSaveCommand: Command {
  let path = ["stream", "save"]
  let summary = "Save what a server recorded of a live stream in a range of time, as one MP4 film"
  let positionals = [Positional(name: "stream", help: "its name on the server")]
  let options =
    RemotePlace.options + [
      .value("client", "NAME", "whose stream (default the key's own client)"),
      .value("from", "TIME", "from this moment on, such as 2026-11-28T08:00:00Z"),
      .value("to", "TIME", "up to this moment (default now); six hours at most"),
      .value("output", "FILE", "where to (default standard output)"),
    ]
  let examples = [
    "ridley stream save dock --server http://localhost:8080 --from 2026-11-28T08:00:00Z --to 2026-11-28T08:10:00Z --output ten-minutes.mp4"
  ]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    guard let server = try RemotePlace.server(arguments) else {
      throw arguments.refusal("say which server: --server URL")
    }
    guard let from = try GroupOptions.moment(arguments, "from") else {
      throw arguments.refusal("say from when: --from TIME")
    }
    let to = try GroupOptions.moment(arguments, "to")
    let path = "/v1/streams/\(RemoteServer.encoded(arguments.positionals[0]))/recording.mp4"
    let query = [
      ("client", arguments["client"]), ("from", CompositeKey.time(milliseconds: from)),
      ("to", to.map(CompositeKey.time(milliseconds:))),
    ]
    guard let file = arguments["output"] else {
      let sink = FileSink(standardOutput: ())
      try server.get("GET", path, query) { (bytes) throws(Fault) in try sink.write(bytes) }
      try sink.finish()
      return .success
    }
    let staging = FileSystem.staging(for: file)
    do throws(Fault) {
      let sink = try FileSink(staging)
      try server.get("GET", path, query) { (bytes) throws(Fault) in try sink.write(bytes) }
      try sink.finish()
      try FileSystem.move(staging, to: file)
    } catch {
      try? FileSystem.remove(staging)
      throw error
    }
    return .success
  }
}

import Base
import Deploy
import YAML

/// Reads a blueprint, every stage of it, and asks no server.
struct DeployCheckCommand: Command {
  let path = ["deploy", "check"]
  let summary = "Say whether a blueprint is well formed, with everything that is wrong with it and where"
  let positionals = [DeployPlace.position]
  let options = [Option.value("stage", "NAME", "only this stage (default: every one)"), DeployPlace.json]
  let examples = ["ridley deploy check site.yaml"]

  func run(_ arguments: Arguments) throws(Fault) -> ExitCode {
    let file = arguments.positionals[0]
    let bytes = try FileSystem.read(file, limit: 1 << 20)
    let sites = try read(file, bytes, arguments["stage"])
    if arguments.has("json") {
      try Terminal.print(
        JSONText.line { json in
          json.array("stages") { json in
            for site in sites {
              json.object { json in
                json.field("stage", site.stage)
                json.field("servers", site.servers.map(\.name))
                json.array("things") { json in for thing in site.things { json.object(thing.key.write) } }
                json.field("startup", site.startup)
              }
            }
          }
        })
    } else {
      for site in sites {
        let (servers, things) = (site.servers.count, site.things.count)
        try Terminal.print(
          "\(file), \(site.stage): \(servers) server\(servers == 1 ? "" : "s"), \(things) thing\(things == 1 ? "" : "s")\n"
        )
      }
    }
    return .success
  }

  /// What is wrong in several stages is told once.
  private func read(_ file: String, _ bytes: [UInt8], _ stage: String?) throws(Fault) -> [Site] {
    let names = try SiteStages.names(try YAMLDocument.parse(bytes, name: file))
    guard stage == nil, !names.isEmpty else { return [try DeployPlace.read(file, bytes, stage: stage)] }
    var (sites, messages) = ([Site](), [String]())
    for name in names {
      do throws(Fault) { sites.append(try DeployPlace.read(file, bytes, stage: name)) } catch {
        let lines = error.message.split(separator: "\n").map(String.init)
        // Of several the first line only says how many there are.
        for line in lines.count > 1 ? lines.dropFirst().map({ String($0.drop { $0 == " " }) }) : lines
        where !messages.contains(line) { messages.append(line) }
      }
    }
    guard let first = messages.first else { return sites }
    throw Fault(
      .badInput,
      messages.count == 1
        ? first : "\(file): \(messages.count) things are wrong:" + messages.map { "\n  \($0)" }.joined())
  }
}

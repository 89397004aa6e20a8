import Foundation
import TestKit
import Testing

/// What `ridley` promises of live streams, with real servers: the scripts beside this file, each of which prints a line for all that holds.
@Suite(.timeLimit(.minutes(60)))
struct WatchTests {
  @Test(
    "What 'ridley watch' promises holds with real cameras that are stopped, killed and changed",
    Script.runs.early("watch"))
  func cameras() async { await expect(.watch, holds: 7) }

  @Test("Viewers get the picture of a stream as its camera sends it", Script.runs.early("view"))
  func seen() async { await expect(.view, holds: 6) }

  @Test("Cameras come over UDP, by TLS and from where they say that they have moved", Script.runs.early("wires"))
  func wires() async { await expect(.wires, holds: 7) }

  @Test("Streams come by HTTP, HLS, RTMP and in packets of MPEG-TS", Script.runs.early("web"))
  func web() async { await expect(.web, holds: 5) }

  @Test(
    "Servers that hang, send nonsense or come back as something else are named, and tried again",
    Script.runs.early("hostile"))
  func hostile() async { await expect(.hostile, holds: 2) }

  @Test(
    "No source leads a stranger to an address of this machine, or of a neighbour", .enabled(if: Script.hasNetworks),
    Script.runs.early("gate"))
  func gate() async { await expect(.gate, holds: 6) }

  @Test(
    "A hundredth of the soak: a source that has trouble and one whose process is killed cost nobody else anything, and what goes leaves nothing",
    Script.runs.early("soak")
  )
  func soak() async { await expect(.soak, holds: 2) }

  @Test("Cameras and servers with habits of real ones are watched, or told by what is wrong", Script.runs.early("odd"))
  func odd() async { await expect(.odd, holds: 5) }

  @Test("Streams of a server come, change and go for its clients", Script.runs.early("serve"))
  func served() async { await expect(.serve, holds: 8) }

  @Test(
    "Events of streams are kept, found, followed and shown, over changes of zones and a killed server",
    Script.runs.early("events"))
  func events() async { await expect(.events, holds: 11) }

  @Test(
    "Clips of events are the camera's packets, from before the event to behind it, and play", Script.runs.early("clips")
  )
  func clips() async { await expect(.clips, holds: Script.hasBrowser ? 6 : 5) }

  @Test(
    "What comes of a stream is recorded in segments that are assets, given as films, and kept as the rules say",
    Script.runs.early("recordings"))
  func recordings() async { await expect(.recordings, holds: 6) }

  @Test(
    "A server that is killed while it records leaves everything whole, once, and nothing else",
    Script.runs.early("kills"))
  func kills() async { await expect(.kills, holds: 2) }

  @Test(
    "A version that streams alone are asked about, or their pipelines, is taken over or is out, and they stay connected",
    Script.runs.early("rollout"))
  func rollout() async { await expect(.rollout, holds: 4) }

  @Test(
    "A disk of 64 MB that four cameras fill keeps what the rules say", .enabled(if: Script.hasMounts),
    Script.runs.early("disk"))
  func disk() async { await expect(.disk, holds: 3) }

  private func expect(_ script: Script, holds count: Int, _ location: SourceLocation = #_sourceLocation) async {
    let result = await Script.runs.result(of: script.rawValue)
    #expect(result.status == 0, "\(result.output)\(result.errors)", sourceLocation: location)
    let held = result.output.split(separator: "\n").count { !$0.hasPrefix("#") }
    #expect(held == count, "\(result.output)", sourceLocation: location)
  }
}

private enum Script: String, CaseIterable {
  case watch, view, wires, web, hostile, odd, gate, serve, events, soak, clips, recordings, kills, disk,
    rollout

  static let runs = LongRuns(lane: .live, allCases.map { script in (script.rawValue, { script.run() }) })

  /// The test of the gate makes networks of its own.
  static let hasNetworks =
    shell(["unshare", "--user", "--map-root-user", "--net", "ip", "link", "add", "name", "near", "type", "veth"]).status
    == 0

  /// The test of the disk has one of its own.
  static let hasMounts = shell(["unshare", "-Urm", "true"]).status == 0
  static let hasBrowser = shell(["which", "chromium", "chromedriver"]).status == 0

  private func run() -> ShellResult {
    let scratch = TemporaryFolder()
    guard self != .soak else {
      let soak = "\(Checkout.path)/bench/soak-live"
      return shell(["timeout", "600", "/usr/bin/python3", soak, Program.path, "--small", scratch.path, "--seed", "2"])
    }
    let words = ["timeout", "600", "/usr/bin/python3", "\(Checkout.path)/Tests/StreamsTests/\(rawValue).py"]
    let network = self == .gate ? ["unshare", "--user", "--map-root-user", "--net"] : []
    let mounts = self == .disk ? ["unshare", "-Urm"] : []
    // Two rounds of two kills; the rest is in `make soak-recordings`.
    let more = self == .kills ? ["2"] : []
    return shell(network + mounts + words + [Program.path, Program.models, scratch.path + "/work"] + more)
  }
}

import Foundation
import TestKit
import Testing

/// A server that keeps to a profile.
@Suite struct ServeProfileTests {
  private func streams(_ count: Int, _ more: String = "") -> String {
    let each = (1...count).map { "cam\($0): {source: 'rtsp://127.0.0.1:1/\($0)'\(more)}" }
    return "{profile: edge, streams: {\(each.joined(separator: ", "))}}\n"
  }

  @Test func `what fits is said before anything starts, and held to`() throws {
    let folder = TemporaryFolder()
    try streams(2).write(toFile: folder.file("box.yaml"), atomically: true, encoding: .utf8)
    let server = try LibraryServer(folder, ["--config", "box.yaml"])
    let log = try String(contentsOfFile: folder.file("log"), encoding: .utf8)
    let said = try #require(log.firstRange(of: "ridley: profile edge, of 512MiB of memory: the server"), "\(log)")
    let served = try #require(log.firstRange(of: "serving at"))
    #expect(said.lowerBound < served.lowerBound && log.contains("2 sources"))
    let status = try String(contentsOfFile: "/proc/\(server.identifier)/status", encoding: .utf8)
    let allowed = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    #expect(allowed?.split(separator: "\t").last?.allSatisfy(\.isNumber) == true, "\(allowed ?? "")")
    // More streams than there is memory for.
    let added = (1...9).map { number in
      shell([
        "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", "PUT", "-d", #"{"source":"rtsp://127.0.0.1:1/x"}"#,
        "\(server.address)/v1/streams/more\(number)",
      ]).output
    }
    #expect(added.contains("201") && added.last == "429", "\(added)")
  }

  @Test func `what does not fit is refused, and nothing has started then`() throws {
    let folder = TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("models"), withIntermediateDirectories: true)
    try streams(9).write(toFile: folder.file("box.yaml"), atomically: true, encoding: .utf8)
    let words = ["serve", "--models", "models", "--library", "lib", "--config", "box.yaml", "--listen", "127.0.0.1:0"]
    let refused = Program.run(words, in: folder.path, environment: ["RIDLEY_FIRST_KEY": ""])
    #expect(refused.status == 7 && refused.errors.contains("the profile 'edge' has 512MiB"), "\(refused)")
    #expect(refused.errors.contains("watch fewer streams") && !refused.errors.contains("serving at"))
    let unknown = Program.run(
      ["serve", "--profile", "egde", "--models", "models"], in: folder.path, environment: ["RIDLEY_FIRST_KEY": ""])
    #expect(unknown.status == 2 && unknown.errors.contains("edge"), "\(unknown)")
    let workers = Program.run(["analyze", "film.mp4", "--model", "m", "--profile", "edge", "--workers", "2"])
    #expect(workers.status == 2 && workers.errors.contains("one core"), "\(workers)")
  }
}

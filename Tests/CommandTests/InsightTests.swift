import Foundation
import TestKit
import Testing

/// What is told of films as a whole, as users ask for it.
struct InsightTests {
  private let folder = TemporaryFolder()

  /// Three scenes of two seconds with black between the last two, at 25 frames a second.
  private func film() throws -> String {
    let sources = ["testsrc2", "smptebars", "mandelbrot"].flatMap {
      ["-f", "lavfi", "-t", "2", "-i", "\($0)=s=320x180:r=25"]
    }
    let join =
      "[0][1]concat=n=2[a];color=black:s=320x180:r=25:d=1,format=yuv420p[b];[a]format=yuv420p[c];[2]format=yuv420p[d];[c][b][d]concat=n=3"
    let made = shell(
      ["ffmpeg", "-v", "error"] + sources + ["-filter_complex", join, "-c:v", "libx264", "-g", "12", "-bf", "2"]
        + [folder.file("film.mp4")])
    try #require(made.status == 0, "\(made.errors)")
    return folder.file("film.mp4")
  }

  private func insights(_ place: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: folder.file("\(place)/insights.json")))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  @Test func `shots without a network, the same by several workers and in a library`() throws {
    let film = try film()
    let told = Program.run(["analyze", film, "--pipeline", "shots", "--output", folder.file("one")])
    try #require(told.status == 0, "\(told.errors)")
    #expect(told.output.contains("3 shots, 1 black stretches"))
    let list = try #require(try insights("one")["shots"] as? [String: Any])
    let shots = try #require(list["shots"] as? [[String: Any]])
    #expect(shots.compactMap { $0["startFrame"] as? Int } == [0, 50, 125])
    let kinds = shots.map { ($0["transitionIn"] as? [String: Any])?["kind"] as? String }
    #expect(kinds == [nil, "cut", "black"])
    let two = Program.run(
      ["analyze", film, "--pipeline", "shots", "--workers", "3", "--quiet", "--output", folder.file("two")])
    try #require(two.status == 0, "\(two.errors)")
    let bytes = try ["one", "two"].map { try Data(contentsOf: URL(filePath: folder.file("\($0)/insights.json"))) }
    #expect(bytes[0] == bytes[1])
  }

  @Test func `a job's shots are answered by a server, to their own client alone`() throws {
    let server = try LibraryServer(folder, ["--workers", "1"])
    let added = server.here(["library", "add", try film(), "--client", "acme", "--json"])
    try #require(added.status == 0, "\(added.errors)")
    let started = server.here(["job", "start", "--pipeline", "shots", "--client", "acme"])
    try #require(started.status == 0, "\(started.errors)\(started.output)")
    let listed = server.here(["library", "list", "--client", "acme", "--json"]).json
    let asset = try #require((listed["assets"] as? [[String: Any]])?.first?["asset"] as? String)
    let answer = shell(["curl", "-s", "\(server.address)/v1/assets/\(asset)/shots"])
    let told = try #require(
      try JSONSerialization.jsonObject(with: Data(answer.output.utf8)) as? [String: Any], "\(answer.output)")
    let shots = try #require((told["shots"] as? [String: Any])?["shots"] as? [[String: Any]], "\(answer.output)")
    #expect(shots.count == 3 && told["series"] as? String == "shots")
    let none = shell(["curl", "-s", "\(server.address)/v1/assets/\(asset)/breaks"]).output
    #expect(none.contains("tells of breaks: run a pipeline that does"))
    for format in ["shots-csv", "shots-edl", "shots-otio"] {
      let (here, there) = (
        server.here(["export", asset, "--format", format]), server.there(["export", asset, "--format", format])
      )
      #expect(
        here.status == 0 && here.output == there.output && here.output.count > 200, "\(here.errors)\(there.errors)")
    }
    let edl = server.here(["export", asset, "--format", "shots-edl"]).output
    #expect(edl.contains("002  FILM     V     C        00:00:02:00 00:00:04:00 00:00:02:00 00:00:04:00"), "\(edl)")
    for words in [["--format", "vmap"], ["--format", "vmap", "--analysis", "shots"]] {
      let (here, there) = (server.here(["export", asset] + words), server.there(["export", asset] + words))
      #expect(
        here.status != 0 && here.errors.contains("--pipeline breaks") && there.status == here.status, "\(here)\(there)")
    }
    let wrong = server.here(["export", asset, "--format", "shots-csv", "--ad-tag", "https://a.example/"])
    #expect(wrong.status != 0 && wrong.errors.contains("vmap alone"))
    let pipeline = try #require(told["pipeline"] as? String)
    let path = "\(server.address)/v1/assets/\(asset)/analyses/\(pipeline)/export"
    let served = shell(["curl", "-s", "-i", "\(path)?format=shots-csv"]).output.lowercased()
    #expect(served.contains("content-type: text/csv") && served.contains("-shots.shots.csv\""), "\(served.prefix(600))")
    let refused = shell(["curl", "-s", "-w", "%{http_code}", "\(path)?format=scte35&breakLength=30"]).output
    #expect(refused.hasSuffix("404") && refused.contains("tells of no breaks"))
    let misplaced = shell(["curl", "-s", "-w", "%{http_code}", "\(path)?format=shots-csv&breakLength=30"]).output
    #expect(misplaced.hasSuffix("400") && misplaced.contains("scte35 alone"))
  }

  @Test func `what is told of pipelines that are not there helps`() {
    let wrong = Program.run(["analyze", "x.mp4", "--pipeline", "shot"])
    #expect(
      wrong.status != 0 && wrong.errors.contains("no built-in pipeline of this name")
        && wrong.errors.contains("'shots'"))
    let list = Program.run(["pipeline", "list", "--json"])
    let names = (list.json["pipelines"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names?.contains("shots") == true && names?.contains("brand-safety") == true)
    let far = Program.run(["analyze", "x.mp4", "--pipeline", "shots", "--min-distance", "5s"])
    #expect(far.status != 0)
  }
}

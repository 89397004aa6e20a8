import Foundation
import TestKit
import Testing

/// A library with one film that is long enough to be cut, and its analysis by one process; made once for each suite.
struct CutFilm: Sendable {
  let folder = TemporaryFolder()
  /// The digest of its predictions.
  let wanted: String

  /// `pipeline` is the text of the pipeline, which stands in `p.yaml`.
  init(pipeline text: String) throws {
    let (film, pipeline) = (folder.file("film.mkv"), folder.file("p.yaml"))
    let made = shell(
      ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=40", "-pix_fmt", "yuv420p"]
        + ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-bf", "3", film])
    try #require(made.status == 0, "\(made.errors)")
    try Data(text.utf8).write(to: URL(filePath: pipeline))
    #expect(Program.run(["library", "add", film, "--library", folder.file("lib"), "--client", "acme"]).status == 0)
    try FileManager.default.copyItem(atPath: folder.file("lib"), toPath: folder.file("whole"))
    let whole = folder.file("whole")
    let ran = Program.run(
      ["analyze", try Self.asset(in: whole), "--library", whole, "--client", "acme", "--pipeline", pipeline]
        + ["--output", folder.file("out"), "--quiet"])
    try #require(ran.status == 0, "\(ran.errors)")
    wanted = try #require(try Self.predictions(in: whole).first)
  }

  private static func asset(in library: String) throws -> String {
    let listed = Program.run(["library", "list", "--library", library, "--client", "acme", "--json"])
    return try #require((listed.json["assets"] as? [[String: Any]])?.first?["asset"] as? String)
  }

  /// Digests of the predictions of every analysis.
  static func predictions(in library: String) throws -> [String] {
    let shown = Program.run(["library", "show", try asset(in: library), "--library", library, "--json"])
    let list = try #require((shown.json["results"] ?? shown.json["analyses"]) as? [[String: Any]], "\(shown.output)")
    return list.compactMap { $0["predictions"] as? String }
  }
}

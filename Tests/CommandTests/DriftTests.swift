import Foundation
import TestKit
import Testing

/// `ridley pipeline drift`, as users run it.
struct DriftTests {
  private let folder = TemporaryFolder()

  private func clip() -> String {
    let clip = folder.file("clip.mp4")
    let made = shell([
      "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "mandelbrot=s=320x180:r=25", "-t", "2", "-pix_fmt", "yuv420p", clip,
    ])
    #expect(made.status == 0, "\(made.errors)")
    return clip
  }

  private func pipeline(_ text: String) -> String {
    _ = FileManager.default.createFile(atPath: folder.file("p.yaml"), contents: Data(text.utf8))
    return folder.file("p.yaml")
  }

  @Test func `answers over a rendition are held against those over the film, frame by frame`() throws {
    let clip = clip()
    let pipeline = pipeline("infer: {model: line-inspector, threshold: 0.05}")
    let same = Program.run(["pipeline", "drift", pipeline, clip, "--proxy", "2160p", "--json"])
    #expect(same.status == 0, "\(same.errors)")
    #expect(same.json["frames_compared"] as? Int == 50 && same.json["frames_film"] as? Int == 50)
    let proxy = try #require(same.json["proxy"] as? [String: Any])
    #expect(proxy["height_made"] as? Int == 180 && proxy["frames"] as? Int == 50)
    let kept = folder.file("kept.mp4")
    let light = Program.run(["pipeline", "drift", pipeline, clip, "--proxy", "90p@5", "--json", "--keep", kept])
    #expect(light.json["frames_compared"] as? Int == 10 && light.json["frames_proxy"] as? Int == 10)
    #expect(Program.run(["probe", kept]).output.contains("160x90"))
    let again = Program.run(["pipeline", "drift", pipeline, clip, "--proxy", "90p@5", "--keep", clip])
    #expect(again.status == 2 && again.errors.contains("which is not replaced"), "a film is never overwritten")
    // What the film has is the same number, whatever it is compared with.
    let counts = try [same, light].map { result in
      let steps = try #require(result.json["steps"] as? [[String: Any]])
      let labels = try #require(steps[0]["labels"] as? [[String: Any]])
      return labels.reduce(0) { $0 + ($1["both"] as? Int ?? 0) + ($1["missed"] as? Int ?? 0) }
    }
    #expect(counts[0] > 0 && counts[1] <= counts[0])
    let own = self.pipeline("proxy: 90p@5\ninfer: {model: line-inspector, threshold: 0.05}")
    let asked = Program.run(["pipeline", "drift", own, clip, "--json"]).json
    #expect(asked["frames_compared"] as? Int == 10 && asked["frames_film"] as? Int == 50, "the pipeline's own")
    let text = Program.run(["pipeline", "drift", pipeline, clip, "--proxy", "90p@5"])
    #expect(text.output.contains("compared: 10") && text.output.contains("agreement, not truth"))
  }

  @Test func `what cannot be compared is refused with the way out`() throws {
    let clip = clip()
    let keys = Program.run(["pipeline", "drift", pipeline("sample: key-frames\ninfer: line-inspector"), clip])
    #expect(keys.status == 4 && keys.errors.contains("take {every: 1s}"), "\(keys.errors)")
    let plain = pipeline("infer: line-inspector")
    for text in ["p", "360p@", "360p@0", "8p", "360p@5@5", "-360p"] {
      let wrong = Program.run(["pipeline", "drift", plain, clip, "--proxy=\(text)"])
      #expect(wrong.status == 2 && wrong.errors.contains("such as 360p or 360p@5"), "\(text): \(wrong.errors)")
    }
    let picture = folder.file("a.png")
    _ = shell(["ffmpeg", "-v", "error", "-i", clip, "-frames:v", "1", picture])
    let still = Program.run(["pipeline", "drift", plain, picture])
    #expect(still.status == 4 && still.errors.contains("only films have lighter renditions"), "\(still.errors)")
    #expect(Program.run(["pipeline", "drift", plain, folder.file("none.mp4")]).status == 3)
  }
}

import Foundation
import TestKit
import Testing

/// What a user reads when something is wrong: each case names the thing and the way out, with an exit code of its own.
struct ErrorTests {
  let folder = TemporaryFolder()

  private func analyze(_ file: String, _ more: [String] = []) -> ShellResult {
    Program.run(["analyze", file, "--model", "line-inspector", "--output", folder.file("out")] + more)
  }

  private func write(_ name: String, _ bytes: [UInt8]) -> String {
    _ = FileManager.default.createFile(atPath: folder.file(name), contents: Data(bytes))
    return folder.file(name)
  }

  @Test("A file that is missing, a folder, empty, or text is refused by name")
  func notMedia() {
    let missing = analyze(folder.file("none.mp4"))
    #expect(missing.status == 3)
    #expect(missing.errors.contains("none.mp4"))
    #expect(analyze(folder.path).status == 4)
    #expect(analyze(write("empty.mp4", [])).errors.contains("empty"))
    let text = analyze(write("text.mp4", Array("once upon a time\n".utf8)))
    #expect(text.status == 4)
    #expect(!text.errors.contains("Invalid data"))
  }

  @Test("What a file is called does nothing to the terminal that shows it")
  func escapes() {
    let name = "\u{1B}[31mred\u{1B}]0;title\u{7}\u{9B}2J.mp4"
    for path in [folder.file(name), write(name, Array("once upon a time\n".utf8))] {
      for words in [
        ["probe", path], ["analyze", path, "--model", "line-inspector"], ["model", "inspect", path], [path],
      ] {
        let result = Program.run(words)
        #expect(result.status != 0)
        let told = (result.output + result.errors).unicodeScalars
        #expect(!told.contains { $0.properties.generalCategory == .control && $0 != "\n" }, "\(words)")
      }
    }
    #expect(Program.run(["probe", folder.file(name)]).errors.contains("\\u001b[31mred"))
  }

  @Test("A truncated MP4 and one with sound only are refused with the reason")
  func brokenMedia() throws {
    let whole = folder.file("whole.mp4")
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-c:v", "libx264", whole])
    let bytes = try #require(FileManager.default.contents(atPath: whole))
    let cut = analyze(write("cut.mp4", Array(bytes.prefix(bytes.count / 2))))
    #expect(cut.status == 4)
    #expect(cut.errors.contains("cut.mp4"))
    #expect(cut.errors.contains("index"))
    let sound = folder.file("sound.mp4")
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", sound])
    let audio = analyze(sound)
    #expect(audio.status == 4 || audio.status == 5)
    #expect(audio.errors.contains("sound"))
  }

  @Test("A wrong number of labels, an unknown model, an unreadable network and a missing --model are told apart")
  func models() throws {
    let picture = folder.file("p.png")
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1", picture])
    let labels = analyze(picture, ["--labels", write("l.txt", Array("one\ntwo\n".utf8))])
    #expect(labels.status == 4)
    #expect(labels.errors.contains("4 classes apart, and there are 2 labels"))
    let unknown = Program.run(["analyze", picture, "--model", "line-inspektor"])
    #expect(unknown.status == 3)
    #expect(unknown.errors.contains("line-inspector"))
    let network = Program.run(["analyze", picture, "--model", write("n.onnx", Array("no network".utf8))])
    #expect(network.status == 4)
    #expect(network.errors.contains("n.onnx"))
    let none = Program.run(["analyze", picture])
    #expect(none.status == 2)
    #expect(none.errors.contains("--model"))
  }

  @Test("A place that cannot be written to is refused before any work")
  func notWritable() throws {
    let picture = folder.file("p.png")
    _ = shell(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1", picture])
    let taken = write("taken", [1])
    let file = Program.run(["analyze", picture, "--model", "line-inspector", "--output", taken + "/out"])
    #expect(file.status != 0)
    #expect(file.errors.contains("taken"))
    let system = Program.run(["analyze", picture, "--model", "line-inspector", "--output", "/proc/ridley"])
    #expect(system.status != 0)
    #expect(system.errors.contains("/proc/ridley"))
  }

  @Test("One broken file among several is told and passed over; the others are done and the exit code says so")
  func oneOfMany() throws {
    for name in ["a.png", "c.png"] {
      _ = shell([
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc=s=64x64:d=1", "-frames:v", "1", folder.file(name),
      ])
    }
    let broken = write("b.png", Array("broken".utf8))
    let result = Program.run([
      "analyze", folder.file("*.png"), "--model", "line-inspector", "--output", folder.file("out"), "--json",
    ])
    #expect(result.status == 9)
    #expect(result.errors.contains(broken))
    #expect(result.errors.contains("1 of 3 files failed"))
    let files = try #require(result.json["files"] as? [[String: Any]])
    #expect(files.count == 3)
    #expect(files.filter { $0["error"] != nil }.count == 1)
    #expect(FileManager.default.fileExists(atPath: folder.file("out/c/report.html")))
  }
}

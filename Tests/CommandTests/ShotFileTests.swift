import Foundation
import TestKit
import Testing

/// Clips, pictures and figures of shots, as users of scene detection ask for them.
struct ShotFileTests {
  private let folder = TemporaryFolder()

  /// Shots of 37, 23, 2 and 88 frames at 25 a second, key frames nowhere near them; with sound.
  private func film(_ name: String = "film.mp4", _ coded: [String] = ["-c:v", "libx264", "-g", "70", "-bf", "2"]) throws
    -> String
  {
    let sources = [("testsrc2", "1.48"), ("smptebars", "0.92"), ("mandelbrot", "0.08"), ("testsrc", "3.52")]
    let inputs = sources.flatMap { ["-f", "lavfi", "-t", $0.1, "-i", "\($0.0)=s=320x180:r=25"] }
    let sound = ["-f", "lavfi", "-i", "sine=f=440:r=48000:d=6"]
    let join = ["-filter_complex", "[0][1][2][3]concat=n=4,format=yuv420p[v]", "-map", "[v]", "-map", "4:a"]
    let made = shell(
      ["ffmpeg", "-v", "error", "-y"] + inputs + sound + join + coded
        + ["-sc_threshold", "0", "-c:a", "aac", "file:" + folder.file(name)])
    try #require(made.status == 0, "\(made.errors)")
    return folder.file(name)
  }

  private func analyze(_ words: [String]) -> ShellResult {
    Program.run(["analyze"] + words + ["--pipeline", "shots"], in: folder.path)
  }

  private func names(_ place: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file(place)).sorted()
  }

  private func rows(_ place: String) throws -> [[String]] {
    try String(contentsOfFile: folder.file(place), encoding: .utf8).split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  private func digests(_ path: String) -> [String] {
    shell([
      "ffmpeg", "-v", "error", "-i", "file:" + path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-",
    ])
    .output.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap {
      $0.split(separator: " ").last.map(String.init)
    }
  }

  /// Breakthrough/PySceneDetect 93, 159, 279, 306, 431, 470: frames of the neighbours at a clip's ends.
  ///
  /// 29, 236: fewer clips than rows. 242: figures counted from 0, shots from 1.
  @Test func `every row of the table is a clip of exactly its frames, and every frame has a row of figures`() throws {
    let film = try film()
    let told = analyze([film, "--split", "--images", "--statistics", "--output", folder.file("one")])
    try #require(told.status == 0, "\(told.errors)")
    #expect(told.output.contains("4 clips of shots: ") && told.output.contains("11 pictures of shots: "))
    let shots = try rows("one/shots.csv")
    #expect(shots.map { $0[7] } == ["37", "23", "2", "88"])
    let clips = try names("one/clips")
    #expect(clips == (1...4).map { "film-shot-00\($0).mp4" })
    let whole = digests(film)
    for (shot, clip) in zip(shots, clips) {
      let frames = try #require(Int(shot[1])) - 1...(try #require(Int(shot[4])) - 1)
      #expect(digests(folder.file("one/clips/\(clip)")) == Array(whole[frames]), "\(clip)")
      let streams = shell([
        "ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
        folder.file("one/clips/\(clip)"),
      ])
      #expect(streams.output == "h264\naac\n")
    }
    let figures = try rows("one/statistics.csv")
    #expect(figures.count == 150 && figures.allSatisfy { $0.count == 10 })
    #expect(figures.indices.allSatisfy { figures[$0][0] == "\($0 + 1)" })
    let cuts = figures.filter { (Double($0[5]) ?? 0) >= (Double($0[6]) ?? 1) }.compactMap { $0[0] }
    #expect(cuts == ["38", "61", "63"])
    #expect(Set(figures.map { $0[9] }) == ["1", "2", "3", "4"])
    #expect(FileManager.default.fileExists(atPath: folder.file("one/shots.otio")))
  }

  /// Breakthrough/PySceneDetect 280: as many pictures of two frames as of hundreds.
  @Test func `pictures are of different frames within their shot, and the table says which`() throws {
    let film = try film()
    let told = analyze([film, "--images=5", "--output", folder.file("one"), "--quiet"])
    try #require(told.status == 0, "\(told.errors)")
    let (shots, pictures) = (try rows("one/shots.csv"), try rows("one/images/film-images.csv"))
    #expect(pictures.count == 17 && Set(pictures.map { $0[2] }).count == 17)
    for picture in pictures {
      let (shot, frame) = (shots[try #require(Int(picture[0])) - 1], try #require(Int(picture[2])))
      #expect((try #require(Int(shot[1]))...(try #require(Int(shot[4])))).contains(frame))
      #expect((try #require(Double(picture[4])) - Double(frame - 1) / 25).magnitude < 0.0011)
      let data = try Data(contentsOf: URL(filePath: folder.file("one/images/\(picture[5])")))
      #expect(data.starts(with: [0xff, 0xd8, 0xff]))
    }
    #expect(try names("one/images") == (pictures.map { $0[5] } + ["film-images.csv"]).sorted())
    let one = analyze([film, "--images=1", "--output", folder.file("two"), "--quiet"])
    #expect(one.status == 0)
    #expect(try rows("two/images/film-images.csv").map { $0[2] } == ["19", "49", "61", "106"])
  }

  @Test func `several workers write the same files`() throws {
    let film = try film("film.mp4", ["-c:v", "libx264", "-g", "12", "-bf", "2"])
    for (name, words) in [("one", [String]()), ("two", ["--workers", "3"])] {
      let told = analyze(
        [film, "--split", "--images=2", "--statistics", "--output", folder.file(name), "--quiet"] + words)
      try #require(told.status == 0, "\(told.errors)")
    }
    let files =
      ["shots.csv", "shots.otio", "statistics.csv"] + (try names("one/images").map { "images/" + $0 })
      + (try names("one/clips").map { "clips/" + $0 })
    #expect(files.count > 12)
    for file in files {
      let bytes = try ["one", "two"].map { try Data(contentsOf: URL(filePath: folder.file("\($0)/\(file)"))) }
      #expect(bytes[0] == bytes[1], "\(file)")
    }
  }

  @Test func `nothing is replaced unasked, and nothing of an earlier run stays behind`() throws {
    let film = try film()
    let words = [film, "--split=\(folder.file("clips"))", "--images=1", "--output", folder.file("one"), "--quiet"]
    try #require(analyze(words).status == 0)
    for stale in ["film-shot-099.mp4", "film-shot-x.mp4", "film.mp4", "film-shot-001.txt"] {
      try Data("mine".utf8).write(to: URL(filePath: folder.file("clips/\(stale)")))
    }
    let again = analyze(words)
    #expect(again.status != 0 && again.errors.contains("--force") && again.errors.contains("film-shot-001.mp4"))
    #expect(try Data(contentsOf: URL(filePath: folder.file("clips/film-shot-099.mp4"))) == Data("mine".utf8))
    try #require(analyze(words + ["--force"]).status == 0)
    #expect(
      try names("clips")
        == (["film-shot-001.txt", "film-shot-x.mp4", "film.mp4"] + (1...4).map { "film-shot-00\($0).mp4" }).sorted())
  }

  /// Breakthrough/PySceneDetect 291, 305: colons and ampersands in names.
  @Test func `names of all kinds, and two films in one folder`() throws {
    let odd = "a:b & 100%d $x 'ü' [1].v2"
    let films = [try film(odd + ".mp4"), try film("=cmd.mkv")]
    let told = analyze(
      films + ["--split=\(folder.file("clips"))", "--images=1", "--output", folder.file("all"), "--quiet"])
    try #require(told.status == 0, "\(told.errors)")
    let expected = [odd, "=cmd"].flatMap { name in (1...4).map { "\(name)-shot-00\($0).mp4" } }
    #expect(try Set(names("clips")) == Set(expected))
    #expect(digests(folder.file("clips/\(odd)-shot-002.mp4")).count == 23)
    let table = try String(contentsOfFile: folder.file("all/=cmd/images/=cmd-images.csv"), encoding: .utf8)
    #expect(!table.contains(",=cmd"))
  }

  /// Breakthrough/PySceneDetect 168, 479: times of a changing rate; 158: of WebM.
  @Test func `a film of changing rate has the times that it is shown at`() throws {
    let even = try film()
    let path = folder.file("uneven.webm")
    let made = shell([
      "ffmpeg", "-v", "error", "-y", "-i", even, "-vf", "select='lt(n,60)+not(mod(n,2))'", "-fps_mode", "vfr", "-c:v",
      "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus", path,
    ])
    try #require(made.status == 0, "\(made.errors)")
    let told = analyze([path, "--split", "--output", folder.file("one"), "--quiet"])
    try #require(told.status == 0, "\(told.errors)")
    let shots = try rows("one/shots.csv")
    let start = try #require(shots.last.flatMap { Double($0[3]) })
    #expect((start - 2.48).magnitude < 0.0011)
    let (whole, clips) = (digests(path), try names("one/clips"))
    #expect(clips.flatMap { digests(folder.file("one/clips/\($0)")) } == whole)
  }

  @Test func `what cannot be had is refused before any work, with a way out`() throws {
    let film = try film()
    func refusal(_ words: [String]) -> String {
      let told = Program.run(["analyze", film, "--output", folder.file("no")] + words, in: folder.path)
      #expect(told.status != 0, "\(words)")
      return told.errors
    }
    #expect(refusal(["--model", "line-inspector", "--split"]).contains("--pipeline shots"))
    #expect(refusal(["--pipeline", "shots", "--images=0"]).contains("from 1 to 100"))
    try Data("shots: {}\nsample: {every: 1s}\n".utf8).write(to: URL(filePath: folder.file("few.yaml")))
    #expect(refusal(["--pipeline", "few.yaml", "--statistics"]).contains("every frame"))
    try Data("sample: key-frames\ninfer: line-inspector\n".utf8).write(to: URL(filePath: folder.file("none.yaml")))
    #expect(refusal(["--pipeline", "none.yaml", "--split"]).contains("finds none"))
    #expect(refusal(["--pipeline", "shots", "--split=few.yaml"]).contains("few.yaml"))
    #expect(!FileManager.default.fileExists(atPath: folder.file("no/insights.json")))
    // A picture has no shots, and is no reason to fail.
    try #require(shell(["ffmpeg", "-v", "error", "-i", film, "-frames:v", "1", folder.file("still.png")]).status == 0)
    let both = analyze([folder.file("still.png"), film, "--split", "--output", folder.file("both"), "--quiet"])
    #expect(both.status == 0, "\(both.errors)")
    #expect(try names("both/film/clips").count == 4 && names("both/still/clips").isEmpty)
    // What was found is kept, though no clips can be cut.
    let vp8 = shell([
      "ffmpeg", "-v", "error", "-y", "-i", film, "-c:v", "libvpx", "-deadline", "realtime", "-an",
      folder.file("old.webm"),
    ])
    try #require(vp8.status == 0)
    let old = analyze([folder.file("old.webm"), "--split", "--statistics", "--output", folder.file("old")])
    #expect(old.status != 0 && old.errors.contains("vp8") && old.errors.contains("libx264"))
    #expect(try rows("old/shots.csv").count == 4 && rows("old/statistics.csv").count == 150)
    #expect(FileManager.default.fileExists(atPath: folder.file("old/summary.json")))
    #expect(try names("old/clips").isEmpty)
  }
}

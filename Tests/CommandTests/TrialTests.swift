import Foundation
import TestKit
import Testing

/// `ridley model trial` as a whole program: two versions that differ where pictures have some blue, and nowhere else.
@Suite(.timeLimit(.minutes(20)))
struct TrialTests {
  private let folder = TemporaryFolder()

  private func run(_ words: [String]) -> ShellResult {
    Program.run(words, in: folder.path, environment: ["RIDLEY_CACHE": folder.file("cache")])
  }

  private func trial(_ words: String...) -> ShellResult { run(["model", "trial"] + words) }

  /// Pictures whose green is seen with .7, and of those in `planted` the newer version sees it with less.
  private func write(_ count: Int, planted: Set<Int>) throws {
    try FileManager.default.createDirectory(atPath: folder.file("on"), withIntermediateDirectories: true)
    for number in 0..<count {
      let name = String(format: "%03d", number)
      let blue: UInt8 = planted.contains(number) ? UInt8(60 + number % 16) : 0
      try PlantedDetector.picture(130 + UInt8(number % 8), 178, blue, width: 16, height: 16)
        .write(to: URL(filePath: folder.file("on/\(name).bmp")))
    }
    try PlantedDetector.write(to: folder.file("one/planted"))
    try PlantedDetector.write(to: folder.file("two/planted"), taking: 2)
    for version in ["one", "two"] {
      #expect(run(["model", "publish", "\(version)/planted", "--library", "lib"]).status == 0)
    }
    #expect(run(["model", "alias", "planted", "live", "1", "--library", "lib"]).status == 0)
  }

  @Test("A version that differs on planted pictures shows these first, whoever does the work, and the rule decides")
  func planted() throws {
    let planted: Set<Int> = [3, 17, 18, 29, 40, 58]
    try write(60, planted: planted)
    let one = trial("planted@2", "--on", "on", "--library", "lib", "--rule", "agreement > .97 and gone <= 3", "--json")
    #expect(one.status == 9, "the rule does not hold: \(one.output.suffix(2000))\(one.errors)")
    #expect(one.json["files"] as? Int == 60 && one.json["frames"] as? Int == 60)
    let differences = try #require(one.json["differences"] as? [[String: Any]])
    let places = differences.compactMap { ($0["file"] as? String)?.suffix(7).prefix(3) }.compactMap { Int($0) }
    #expect(Set(places) == planted && differences.count == planted.count, "\(differences)")
    #expect(differences.allSatisfy { ($0["older"] as? [String: Any])?["label"] as? String == "green" })
    let sizes = differences.compactMap { $0["size"] as? Double }
    #expect(sizes == sizes.sorted(by: >) && (sizes.last ?? 0) > 0.2)
    let rule = try #require(one.json["rule"] as? [String: Any])
    #expect(rule["holds"] as? Bool == true || one.json["passed"] as? Bool == false)
    let shared = trial(
      "planted@2", "--on", "on", "--library", "lib", "--workers", "3", "--work", "other", "--unkept", "--json")
    #expect(shared.status == 0, "\(shared.errors)")
    #expect((shared.json["differences"] as? NSArray) == (one.json["differences"] as? NSArray))
    let kept = run(["model", "evaluations", "planted", "--library", "lib", "--json"])
    let results = try #require(kept.json["results"] as? [[String: Any]])
    #expect(results.count == 1 && results[0]["kind"] as? String == "trial" && results[0]["version"] as? Int == 2)
    #expect((results[0]["summary"] as? [String: Any])?["against"] as? String == "planted@1")
    try served(try #require(results[0]["ulid"] as? String), differences.count)
  }

  /// What was kept of a trial is read over HTTP, with a picture of each difference.
  private func served(_ id: String, _ count: Int) throws {
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    let path = "\(server.address)/v1/registry/models/planted"
    let list = shell(["curl", "-s", "\(path)/trials"]).output
    #expect(list.hasPrefix("[{") && list.contains(id) && shell(["curl", "-s", "\(path)/evaluations"]).output == "[]")
    let told = shell(["curl", "-s", "\(path)/trials/\(id)"]).json
    let report = try #require(told["report"] as? [String: Any], "\(told)")
    let differences = try #require(report["differences"] as? [[String: Any]])
    #expect(differences.count == count && differences.allSatisfy { ($0["region"] as? [Double])?.count == 4 })
    for number in 0..<count {
      let file = folder.file("picture.jpg")
      let status = shell(["curl", "-s", "-o", file, "-w", "%{http_code}", "\(path)/trials/\(id)/pictures/\(number)"])
      let bytes = try Data(contentsOf: URL(filePath: file))
      #expect(status.output == "200" && bytes.starts(with: [0xFF, 0xD8]))
    }
    for place in [
      "trials/\(id)/pictures/\(count)", "trials/\(id)/pictures/-1", "trials/none", "trials/none/pictures/0",
    ] {
      let status = shell(["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "\(path)/\(place)"])
      #expect(status.output == "404", "\(place)")
    }
  }

  @Test("A trial that was stopped goes on where it was, and damaged files cost themselves and the verdict")
  func goesOn() throws {
    try write(12, planted: [5])
    let first = trial("planted@2", "--on", "on", "--library", "lib", "--unkept", "--json")
    #expect(first.status == 0, "\(first)")
    let answers = folder.file("ridley-trial/answers")
    let names = try FileManager.default.contentsOfDirectory(atPath: answers).filter { $0.hasSuffix(".json") }
    #expect(names.count == 24)
    // One that was not finished, and is made again; the others stay as they are.
    try FileManager.default.removeItem(atPath: "\(answers)/\(names[0])")
    let stamps = { (name: String) in
      try FileManager.default.attributesOfItem(atPath: "\(answers)/\(name)")[.modificationDate] as? Date
    }
    let before = try stamps(names[1])
    let again = trial("planted@2", "--on", "on", "--library", "lib", "--unkept", "--json")
    #expect((again.json["differences"] as? NSArray) == (first.json["differences"] as? NSArray), "\(again)")
    #expect(try stamps(names[1]) == before && FileManager.default.fileExists(atPath: "\(answers)/\(names[0])"))
    try Data("BM nonsense".utf8).write(to: URL(filePath: folder.file("on/broken.bmp")))
    let broken = trial(
      "planted@2", "--on", "on", "--library", "lib", "--unkept", "--rule", "agreement > .5", "--json")
    #expect(broken.status == 9 && broken.json["passed"] as? Bool == false, "\(broken)")
    #expect((broken.json["failures"] as? [[String: Any]])?.count == 1)
  }

  @Test("Assets of a library: the older version's kept analyses are taken, and told of")
  func library() throws {
    try write(4, planted: [2])
    let name = run(["model", "export", "planted", "1", "planted", "--library", "lib"])
    #expect(name.status == 0, "\(name)")
    let words = ["analyze", "on", "--model", "./planted", "--library", "lib", "--client", "acme", "--quiet"]
    let analysed = run(words)
    #expect(analysed.status == 0, "\(analysed)")
    let result = trial(
      "planted@2", "--on", "library:client=acme,last=1d", "--library", "lib", "--json")
    #expect(result.status == 0 && result.json["files_kept"] as? Int == 4, "\(result)")
    #expect((result.json["differences"] as? [[String: Any]])?.count == 1)
    let anew = trial(
      "planted@2", "--on", "library:client=acme", "--library", "lib", "--work", "anew", "--anew", "--json")
    #expect(anew.json["files_kept"] as? Int == 0 && anew.json["speed"] is Double, "\(anew)")
    #expect((anew.json["differences"] as? NSArray) == (result.json["differences"] as? NSArray))
    let none = trial("planted@2", "--on", "library:client=nobody", "--library", "lib")
    #expect(none.status == 3, "\(none)")
    let odd = trial("planted@2", "--on", "library:clint=acme", "--library", "lib")
    #expect(odd.status == 2 && odd.errors.contains("did you mean 'client'?"), "\(odd)")
    try found(try #require(result.json["kept"] as? String))
  }

  /// Pictures of assets are the library's, and are gone with the asset.
  private func found(_ id: String) throws {
    let server = try LibraryServer(folder, ["--registry", "--workers", "0"])
    let path = "\(server.address)/v1/registry/models/planted/trials/\(id)"
    let told = shell(["curl", "-s", path]).json
    #expect((told["trial"] as? [String: Any])?["pictures"] == nil)
    let first = ((told["report"] as? [String: Any])?["differences"] as? [[String: Any]])?.first
    let asset = try #require(first?["file"] as? String)
    let file = folder.file("picture.jpg")
    let picture = { shell(["curl", "-s", "-o", file, "-w", "%{http_code}", "\(path)/pictures/0"]).output }
    #expect(picture() == "200")
    #expect(try Data(contentsOf: URL(filePath: file)).starts(with: [0xFF, 0xD8]))
    #expect(shell(["curl", "-s", "-o", file, "-w", "%{http_code}", "\(path)/pictures/1"]).output == "404")
    #expect(shell(["curl", "-s", "-X", "DELETE", "\(server.address)/v1/assets/\(asset)"]).status == 0)
    #expect(picture() == "404")
  }

  @Test("The page has a picture of each difference, and nothing of a name gets out of its place")
  func page() throws {
    try write(3, planted: [1])
    let name = "</script><b>.bmp"
    try FileManager.default.moveItem(
      atPath: folder.file("on/001.bmp"), toPath: folder.file("on/\(name.replacing("/", with: "⁄"))"))
    let result = trial("planted@2", "--on", "on", "--library", "lib", "--unkept", "--html", "page.html")
    #expect(result.status == 0 && result.output.contains("page: page.html"), "\(result)")
    let page = try String(contentsOfFile: folder.file("page.html"), encoding: .utf8)
    #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 2)
    #expect(!page.contains("<b>.bmp") && page.contains("newer is right") && page.contains("Save as COCO"))
  }

  @Test(
    "On the page people decide which version is right, and what they decided is saved",
    .enabled(
      if: BrowserTests.isThere, "no chromium with chromedriver here (Debian: apt-get install chromium chromium-driver)")
  )
  func decided() throws {
    try write(4, planted: [1, 3])
    let result = trial("planted@2", "--on", "on", "--library", "lib", "--unkept", "--html", "page.html", "--json")
    #expect(result.status == 0, "\(result)")
    let script = "\(Checkout.path)/Tests/Browser/trial_page.py"
    let told = shell(["/usr/bin/python3", "-B", script, folder.file("page.html")])
    #expect(told.status == 0, "\(told.errors.suffix(1000))")
    let lines = try told.output.split(separator: "\n").map {
      try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
    }
    try #require(lines.count == 2)
    let decisions = try #require(lines[0]?["decisions"] as? [[String: Any]])
    #expect(decisions.map { $0["decision"] as? String } == ["older", "newer"])
    #expect(lines[0]?["newer"] as? String == "planted@2")
    // The newer version sees nothing there, so that one picture is left without a box.
    #expect((lines[1]?["images"] as? [Any])?.count == 2)
    let boxes = try #require(lines[1]?["annotations"] as? [[String: Any]])
    #expect(boxes.count == 1 && boxes[0]["bbox"] as? [Double] == [4, 4, 8, 8], "\(boxes)")
  }

  @Test("What cannot be tried is refused with the way out, before any file is looked at")
  func refused() throws {
    try write(1, planted: [])
    let same = trial("planted@1", "--on", "on", "--library", "lib")
    #expect(same.status == 2 && same.errors.contains("are the same"), "\(same)")
    let rule = trial("planted@2", "--on", "on", "--library", "lib", "--rule", "gone.gren <= 1")
    #expect(rule.status == 2 && rule.errors.contains("did you mean 'green'?"), "\(rule)")
    let alone = trial("two/planted", "--on", "on")
    #expect(alone.status == 2 && alone.errors.contains("--against"), "\(alone)")
    let folders = trial("two/planted", "--against", "one/planted", "--on", "on", "--json")
    #expect(folders.status == 0 && folders.json["frames"] as? Int == 1, "\(folders)")
    let nowhere = trial("planted@2", "--library", "lib")
    #expect(nowhere.status == 2 && nowhere.errors.contains("--on"), "\(nowhere)")
  }
}

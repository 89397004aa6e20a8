import Base
import Predictions
import Testing
import Vision

@testable import Pipelines

struct SceneReaderTests {
  static let whole = """
    infer: {name: people, model: yolox-nano, labels: [person, car]}
    masks:
      - [[0, 0], [1, 0], [1, 0.1], [0, 0.1]]
    size:
      - {least: 0.1%, most: 40%, labels: person}
      - {most: 60%}
    zones:
      yard: [[0.1, 0.5], [0.6, 0.5], [0.6, 1], [0.1, 1]]
      door: {polygon: [[0, 0], [0.2, 0], [0.2, 0.4]], anchor: center, labels: person, hold: 3s}
    lines:
      gate: [[0, 0.6], [1, 0.6]]
      wide line: {points: [[0.5, 0], [0.5, 1]], anchor: top, labels: [car], margin: 2%}
    track:
    rules:
      loitering: {labels: person, zone: yard, dwell: 10s, cool-down: 1m}
      crowd: {labels: person, zone: door, count: 3, votes: 4 of 7, for: 2s, hold: 5s, on: 0.7, off: 0.5}
      passed: {line: gate, direction: in, labels: car}
    """

  @Test("Masks, sizes, zones, lines and rules are read, with their defaults, in the order of their names")
  func everything() throws {
    let pipeline = try read(Self.whole).pipeline
    #expect(pipeline.scene.masks.count == 1)
    #expect(pipeline.sizes.map(\.labels) == [[], ["person"]] && pipeline.sizes[1].least == 0.001)
    #expect(pipeline.scene.zones.map(\.name) == ["door", "yard"])
    #expect(pipeline.scene.zones[0].anchor == .center && pipeline.scene.zones[0].hold == 3)
    #expect(pipeline.scene.zones[1].anchor == .bottom && pipeline.scene.zones[1].hold == 1)
    #expect(pipeline.scene.lines.map(\.name) == ["gate", "wide line"] && pipeline.scene.lines[1].margin == 0.02)
    #expect(pipeline.rules.map(\.name) == ["crowd", "loitering", "passed"])
    let crowd = pipeline.rules[0]
    #expect(crowd.count == 3 && crowd.votes.needed == 4 && crowd.votes.of == 7)
    #expect(crowd.lasting == 2 && crowd.hold == 5 && crowd.votes.on == 0.7 && crowd.votes.off == 0.5)
    #expect(pipeline.rules[1].dwell == 10 && pipeline.rules[1].coolDown == 60 && pipeline.rules[1].hold == 2)
    #expect(pipeline.rules[2].direction == .into && pipeline.rules[2].line == "gate")
    let again = try read(pipeline.text).pipeline
    #expect(again == pipeline, "\(pipeline.text)")
    #expect(again.canonical(models: ["m"]) == pipeline.canonical(models: ["m"]))
    #expect(try Scene.read(bytes: Array(pipeline.scene.text.utf8), name: "s") == pipeline.scene)
    let json = #"{"zones":{"a":[[0,0],[1,0],[1,1]]},"lines":{"b":{"points":[[0,0],[1,1]],"margin":0.1}}}"#
    #expect(try Scene.read(bytes: Array(json.utf8), name: "s").zones.map(\.name) == ["a"])
  }

  @Test("Each of them changes the digest, and a pipeline without them has the one it always had")
  func digest() throws {
    let changes = [
      ("[1, 0.1]", "[1, 0.2]"), ("least: 0.1%", "least: 0.2%"), ("{most: 60%}", "{most: 61%}"),
      ("yard:", "court:"), ("[0.6, 1]", "[0.7, 1]"), ("anchor: center", "anchor: top"), ("hold: 3s", "hold: 4s"),
      ("[1, 0.6]", "[1, 0.7]"), ("margin: 2%", "margin: 3%"), ("dwell: 10s", "dwell: 11s"), ("1m", "2m"),
      ("count: 3", "count: 2"), ("4 of 7", "5 of 7"), ("for: 2s", "for: 3s"), ("on: 0.7", "on: 0.8"),
      ("off: 0.5", "off: 0.4"), ("direction: in", "direction: out"), ("passed:", "went:"),
    ]
    func bytes(_ text: String) throws -> [UInt8] { try read(text).pipeline.canonical(models: ["m"]) }
    var seen: Set<[UInt8]> = [try bytes(Self.whole)]
    for (old, new) in changes {
      let text = Self.whole.replacing(old, with: new).replacing(
        "zone: yard", with: old == "yard:" ? "zone: court" : "zone: yard")
      #expect(seen.insert(try bytes(text)).inserted, "\(old) to \(new)")
    }
    #expect(try !String(decoding: bytes("infer: m"), as: UTF8.self).contains("watches"))
  }

  @Test(
    "What is wrong is named, with its place",
    arguments: [
      ("zones: {a: [[0, 0], [1, 1]]}", "3 to 128 points"),
      ("zones: {a: [[0, 0], [1, 1], [1, 0], [0, 1]]}", "that begin at points 1 and 3 cross"),
      ("zones: {a: [[0, 0], [1, 1], [0.8, 0], [0, 0.7]]}", "that begin at points 1 and 3 cross"),
      ("zones: {a: [[0, 0], [1, 0], [1, 1], [0, 0]]}", "points 4 and 1 of zone 'a' are the same; the last point"),
      ("zones: {a: [[0, 0], [1.5, 0], [1, 1]]}", "1.5 is out of range for x of point 2 of zone 'a', expected 0 to 1"),
      ("zones: {a: [[0, nan], [1, 0], [1, 1]]}", "'nan' is not a number for y of point 1"),
      ("zones: {a: [[0, .inf], [1, 0], [1, 1]]}", "not a number"),
      ("zones: {a: [[0, 0, 0], [1, 0], [1, 1]]}", "no point"),
      ("zones: {a: {anchor: bottom}}", "'polygon' is missing"), ("zones: {a: 3}", "no list of points"),
      ("zones: {a: {polygon: [[0, 0], [1, 0], [1, 1]], anchor: centre}}", "did you mean 'center'?"),
      (
        "zones: {\"a\\u0007\": [[0, 0], [1, 0], [1, 1]]}",
        "'a?' is no name for a zone: it holds something that cannot be printed"
      ),
      ("zones: {\"\\u202Eab\": [[0, 0], [1, 0], [1, 1]]}", "cannot be printed"),
      ("zones: {\"\": [[0, 0], [1, 0], [1, 1]]}", "1 to 64 bytes"), ("zones: [1]", "group of names"),
      ("track:\nlines: {a: [[0.5, 0.5], [0.5, 0.5]]}", "it goes nowhere"),
      ("track:\nlines: {a: [[0, 0], [1, 0], [1, 1]]}", "two points"),
      ("lines: {a: [[0, 0], [1, 0]]}", "add a track step"),
      ("size: {}", "says nothing"), ("size: {least: 10%, most: 5%}", "must not be above most"),
      ("size: {least: 100}", "out of range"), ("masks: [[[0, 0], [1, 0]]]", "mask 1 is no list of points"),
      ("rules: {a: {zone: b}}", "there is no zone 'b' here, expected there is none"),
      ("rules: {a: {line: b}}", "there is no line 'b'"), ("rules: {a: {dwell: 3s}}", "add zone: NAME"),
      ("rules: {a: {direction: in}}", "add line: NAME"), ("rules: {a: {on: 0.5, off: 0.6}}", "must not be above on"),
      ("track:\nlines: {b: [[0, 0], [1, 0]]}\nrules: {a: {line: b, count: 2}}", "cannot be had together"),
      ("rules: {a: {votes: 9 of 5}}", "expected 1 to 5 votes"), ("rules: {a: {colour: red}}", "unknown key 'colour'"),
    ])
  func mistakes(text: String, expected: String) {
    let said = complaint("infer: m\n" + text)
    #expect(said.contains(expected) && said.hasPrefix("p.yaml:"), "\(said)")
  }

  @Test("Ten thousand zones are refused in a moment, by their number; 256 are taken")
  func many() throws {
    func zones(_ count: Int) -> String {
      "infer: m\nzones:\n" + (0..<count).map { "  z\($0): [[0, 0], [1, 0], [1, 1]]\n" }.joined()
    }
    #expect(complaint(zones(10_000)).contains("more than 100000 values"))
    #expect(complaint(zones(5000)).contains("5000 zones: at most 256"))
    #expect(try read(zones(256)).pipeline.scene.zones.count == 256)
  }

  @Test("Labels that no network knows, and zones about answers without a place, are told with the models")
  func models() {
    func told(_ text: String, _ task: ModelTask) -> String {
      do {
        try read(text).check([ModelFacts(task: task, labels: ["person", "car"])])
        return ""
      } catch { return error.message }
    }
    #expect(told("infer: m\nrules: {a: {labels: persn}}", .detection).contains("did you mean 'person'?"))
    #expect(
      told("infer: m\nzones: {a: {polygon: [[0, 0], [1, 0], [1, 1]], labels: cat}}", .detection).contains("'cat'"))
    #expect(told("infer: m\nzones: {a: [[0, 0], [1, 0], [1, 1]]}", .classification).contains("does not say where"))
    #expect(told("infer: m\nrules: {a: {labels: car, on: 0.8, off: 0.5}}", .classification) == "")
  }
}

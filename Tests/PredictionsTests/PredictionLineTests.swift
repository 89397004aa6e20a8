import Base
import Foundation
import Predictions
import Testing

@Suite("Prediction lines")
struct PredictionLineTests {
  private func line(_ prediction: Prediction, _ stamp: FrameStamp) -> String {
    var json = JSONWriter()
    PredictionJSON.write(prediction, stamp, model: "parts@sha256:00", into: &json)
    return text(json.bytes)
  }

  @Test("a detection is one line with the keys in the documented order")
  func detectionLine() {
    let found = detection("good", 0.912345, Rect(x: 0.1234567, y: 0.2, width: 0.3, height: 0.4))
    #expect(
      line(found, stamp(1, 0.04, pts: 512)) == """
        {"file":"line.mp4","pts":512,"time":0.04,"frame":1,"kind":"detection","label":"good","score":0.9123,\
        "box":[0.12346,0.2,0.3,0.4],"model":"parts@sha256:00"}\n
        """)
  }

  @Test("keys stand only where they apply")
  func sparseLine() {
    var read = Prediction(kind: .text, score: .nan)
    read.text = "AB\"12"
    #expect(
      line(read, stamp(0, 1 / 3))
        == #"{"file":"line.mp4","time":0.333333,"frame":0,"kind":"text","score":null,"text":"AB\"12","#
        + "\"model\":\"parts@sha256:00\"}\n")
  }

  @Test("points, masks, vectors and tensors keep their numbers")
  func richLine() throws {
    var all = Prediction(kind: .pose)
    all.points = [Keypoint(name: "nose", x: 0.5, y: 0.25, score: 0.875), Keypoint(name: "eye", x: 0.1, y: 0.2)]
    all.mask = Mask(size: Size(width: 3, height: 2), counts: [1, 2, 3], share: 1 / 3)
    all.vector = [0.5, -1.25]
    let spec = TensorSpec(name: "out", shape: [1, nil], element: .f32)
    all.tensor = TensorSummary(spec: spec, minimum: -1, maximum: 2, mean: 0.5)
    let written = line(all, stamp(7, 0.28))
    #expect(
      written.contains(#""points":[{"name":"nose","x":0.5,"y":0.25,"score":0.875},{"name":"eye","x":0.1,"y":0.2}]"#))
    #expect(written.contains(#""mask":{"size":[2,3],"counts":[1,2,3],"share":0.3333}"#))
    #expect(written.contains(#""vector":[0.5,-1.25]"#))
    #expect(
      written.contains(#""tensor":{"name":"out","shape":[1,null],"type":"FP32","min":-1,"max":2,"mean":0.5}"#))
    #expect(try JSONSerialization.jsonObject(with: Data(written.utf8)) is [String: Any])
  }
}

@Suite("Prediction rows")
struct PredictionRowTests {
  private func row(_ prediction: Prediction, file: String = "line.mp4") -> String {
    var bytes: [UInt8] = []
    let stamp = FrameStamp(file: file, index: 1, pts: 512, time: 0.04)
    PredictionCSV.write(prediction, stamp, model: "m@sha256:00", into: &bytes)
    return text(bytes)
  }

  @Test("a row has as many cells as the header, and both end with CR LF")
  func shape() {
    let row = row(detection("good", 0.91))
    #expect(row == "line.mp4,1,512,0.04,detection,good,0.91,0.1,0.2,0.3,0.4,,,,,m@sha256:00\r\n")
    #expect(row.filter { $0 == "," }.count == text(PredictionCSV.header).filter { $0 == "," }.count)
    #expect(text(PredictionCSV.header).hasSuffix("model\r\n"))
  }

  @Test(
    "commas, quotes and line ends stay inside their cell",
    arguments: [("a,b", "\"a,b\""), ("say \"x\"", "\"say \"\"x\"\"\""), ("a\r\nb", "\"a\r\nb\""), ("plain", "plain")])
  func quoting(label: String, cell: String) {
    #expect(row(detection(label, 1)).contains(",detection,\(cell),1,"))
  }

  @Test("what a spreadsheet would run as a formula is disarmed", arguments: ["=1+1", "+1", "-1", "@x"])
  func formulas(label: String) {
    #expect(row(detection(label, 1), file: label + ".mp4").hasPrefix("'" + label + ".mp4,"))
    #expect(row(detection(label, 1)).contains(",'\(label),"))
  }

  @Test("numbers that are none leave their cell empty")
  func emptyCells() {
    var found = detection("good", .nan, Rect(x: .infinity, y: 0, width: 1, height: 1))
    found.points = [Keypoint(name: "tip", x: 0.5, y: 0.5, score: 0.25)]
    found.vector = [1, 2.5]
    #expect(row(found) == "line.mp4,1,512,0.04,detection,good,,,0,1,1,,,tip 0.5 0.5 0.25,1 2.5,m@sha256:00\r\n")
  }
}

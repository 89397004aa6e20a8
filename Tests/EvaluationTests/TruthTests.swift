import Base
import Evaluation
import JSON
import TestKit
import Testing

/// Truth files as people and their tools write them.
struct TruthTests {
  private func coco(_ images: String, _ annotations: String, slice: String? = nil) throws -> Truth {
    let categories = #"[{"id":0,"name":"person"},{"id":"7","name":"café"},{"id":3,"name":"unused"}]"#
    let text = #"{"images":[\#(images)],"annotations":[\#(annotations)],"categories":\#(categories),"info":{}}"#
    return try Truth(coco: JSONDocument(parsing: text, name: "truth.json"), slice: slice)
  }

  private func message(_ body: () throws -> Void) -> String {
    do { try body() } catch { return (error as? Fault)?.message ?? "\(error)" }
    return "no fault"
  }

  private static let images =
    #"{"id":0,"file_name":"a.jpg","width":100,"height":80,"camera":"left"},{"id":"b","file_name":"bücher/b.jpg","camera":2}"#

  @Test("Ids may be 0, numbers or texts; crowds, ignored ones, areas and boxes of polygons are read")
  func read() throws {
    let truth = try coco(
      Self.images,
      #"""
      {"id":0,"image_id":0,"category_id":0,"bbox":[1,2,30,40],"area":600.5},
      {"id":1,"image_id":"b","category_id":7,"bbox":[1,2,3,4],"iscrowd":1},
      {"id":2,"image_id":"b","category_id":"7","segmentation":[[10,10,20,10,20,30]],"ignore":true}
      """#, slice: "camera")
    #expect(truth.labels == ["person", "café", "unused"] && truth.kind == .boxes && truth.notes.isEmpty)
    #expect(truth.pictures.map(\.file) == ["a.jpg", "bücher/b.jpg"])
    #expect(truth.pictures.map(\.slice) == ["left", "2"])
    #expect(
      truth.pictures[0].objects == [.init(label: "person", box: Rect(x: 1, y: 2, width: 30, height: 40), area: 600.5)])
    #expect(truth.pictures[0].size == Size(width: 100, height: 80) && truth.pictures[1].size == nil)
    let others = truth.pictures[1].objects
    #expect(others[0].isCrowd && !others[0].isIgnored && others[0].area == 12)
    #expect(others[1].isIgnored && others[1].box == Rect(x: 10, y: 10, width: 10, height: 20))
  }

  @Test("What cannot be counted is left out and said, never silently")
  func odd() throws {
    let truth = try coco(
      Self.images,
      #"""
      {"id":1,"image_id":9,"category_id":0,"bbox":[1,2,30,40]},
      {"id":1,"image_id":0,"category_id":99,"bbox":[1,2,30,40]},
      {"id":2,"image_id":0,"category_id":0,"bbox":[1,2,0,40]},
      {"id":3,"image_id":0,"category_id":0,"bbox":[200,2,30,40]},
      {"id":4,"image_id":0,"category_id":0,"bbox":[90,2,30,40]},
      {"id":5,"image_id":0,"category_id":0,"segmentation":{"size":[2,2],"counts":[4]}}
      """#)
    #expect(truth.pictures[0].objects.count == 1)
    for words in [
      "images that the file does not list", "categories that the file does not list", "no width", "outside",
      "over the edge", "without a box", "1 annotation have an id",
    ] { #expect(truth.notes.contains { $0.contains(words) }, "\(words): \(truth.notes)") }
    #expect(try coco(Self.images, "").pictures.count == 2)
  }

  @Test("A file that contradicts itself is refused, and the place is named")
  func refused() {
    let twice = message { _ = try coco(Self.images + #",{"id":"0","file_name":"c.jpg"}"#, "") }
    #expect(twice.contains("images[2]") && twice.contains("id 0"), "\(twice)")
    let number = message { _ = try coco(#"{"id":1,"file_name":1}"#, "") }
    #expect(number.contains("file_name") && number.contains("a string"), "\(number)")
    let box = message { _ = try coco(Self.images, #"{"id":1,"image_id":0,"category_id":0,"bbox":[1,2,3]}"#) }
    #expect(box.contains("annotations[0].bbox") && box.contains("four numbers"), "\(box)")
  }

  private func csv(_ text: String, slice: String? = nil) throws -> Truth {
    try Truth(csv: Array(text.utf8), name: "labels.csv", slice: slice)
  }

  @Test(
    "Tables are read as spreadsheets write them",
    arguments: [
      "file,label,camera\na.jpg,cat,left\n\"b,1.jpg\",\"say \"\"dog\"\"\",right\n",
      "\u{FEFF}file;label;camera\r\na.jpg;cat;left\r\n\"b,1.jpg\";\"say \"\"dog\"\"\";right\r\n",
      "Camera\tLabel\tFile\rleft\tcat\ta.jpg\rright\t\"say \"\"dog\"\"\"\tb,1.jpg",
    ])
  func tables(_ text: String) throws {
    let truth = try csv(text, slice: text.hasPrefix("Camera") ? "Camera" : "camera")
    #expect(truth.kind == .classes && truth.labels == ["cat", "say \"dog\""], "\(truth.labels)")
    #expect(truth.pictures.map(\.file) == ["a.jpg", "b,1.jpg"] && truth.pictures.map(\.slice) == ["left", "right"])
  }

  @Test("Boxes of a table: several of a picture, pictures without any, decimal commas between semicolons")
  func boxes() throws {
    let truth = try csv("file;label;x;y;w;h\na.jpg;cat;1,5;2;30;40,25\na.jpg;dog;1;2;3;4\nb.jpg;;;;;\n")
    #expect(truth.kind == .boxes && truth.pictures.count == 2 && truth.pictures[1].objects.isEmpty)
    #expect(truth.pictures[0].objects[0].box == Rect(x: 1.5, y: 2, width: 30, height: 40.25))
  }

  @Test(
    "What is wrong in a table is told with its line",
    arguments: [
      ("a.jpg,cat\n", "name the columns"), ("file,label\na.jpg\n", "line 2: 1 columns"),
      ("file,label\na.jpg,cat\na.jpg,dog\n", "line 3: 'a.jpg' has a line already"),
      ("file,label,x,y,w,h\na.jpg,cat,1,2,x,4\n", "line 2: 'x'"), ("file,label,x\na.jpg,cat,1\n", "x, y, w and h"),
      ("file,label,x,y,w,h\na.jpg,cat,1,2,0,4\n", "above 0"), ("file,label\n\"a.jpg,cat\n", "not closed"),
    ])
  func wrong(_ text: String, _ words: String) {
    let told = message { _ = try csv(text) }
    #expect(told.contains(words) && told.hasPrefix("labels.csv"), "\(told)")
  }

  @Test("Other encodings are named, and what to do")
  func encodings() {
    let wide = message { _ = try Truth(csv: [0xFF, 0xFE, 0x66, 0], name: "t.csv") }
    #expect(wide.contains("UTF-16") && wide.contains("CSV UTF-8"), "\(wide)")
    let latin = message { _ = try Truth(csv: Array("file,label\ncaf".utf8) + [0xE9, 0x2C, 0x61], name: "t.csv") }
    #expect(latin.contains("not text in UTF-8"), "\(latin)")
  }

  @Test("Folders are classes, folders in them slices; names are changed, and unknown ones refused")
  func folders() throws {
    let truth = Truth(folders: ["cat", "dog", "empty"], files: ["cat/a.jpg", "dog/night/b.jpg", "c.jpg"])
    #expect(truth.labels == ["cat", "dog", "empty"] && truth.pictures.map(\.label) == ["cat", "dog"])
    #expect(truth.pictures[1].slice == "night" && truth.notes.count == 1)
    let renamed = try truth.renamed([("dog", "cat")])
    #expect(renamed.labels == ["cat", "empty"] && renamed.pictures.map(\.label) == ["cat", "cat"])
    let told = message { _ = try truth.renamed([("dgo", "x")]) }
    #expect(told.contains("did you mean 'dog'?"), "\(told)")
  }
}

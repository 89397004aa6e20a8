// swift-format-ignore-file: a table, one line a case.

import Testing

/// The sound manifest with one thing changed, and the fault it must give.
struct Mistake: Sendable, CustomTestStringConvertible {
  var old: String
  var new: String
  var message: String
  var document: String {
    Sample.manifest.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false).joined(separator: new)
  }
  var testDescription: String { message }

  init(_ old: String, _ new: String, _ message: String) { (self.old, self.new, self.message) = (old, new, message) }

  static let all = shape + top + files + input + output

  static let shape = [
    Mistake(Sample.manifest, " ", "model.yaml: the document is empty"),
    Mistake(Sample.manifest, "[a, b]", "model.yaml:1:1: this is a list, the manifest must be a group of keys"),
    Mistake(
      "summary: A net.", "summary: {",
      "model.yaml:4:5: not well-formed YAML: did not find expected ',' or '}', while parsing a flow mapping (from line 2)"
    ),
    Mistake("  color: bgr", "\tcolor: bgr", "model.yaml:14:1: a tab stands where the line is indented: use spaces"),
    Mistake(
      "A net.", "A net: good.", "model.yaml:2:15: a ':' stands where none can be: put quotes around a text that has one"
    ),
    Mistake("A net.", "&a A net.", "model.yaml:2:10: the anchor '&a' is not allowed here: write the value out"),
    Mistake("A net.", "*a", "model.yaml:2:10: the alias '*a' is not allowed here: write the value out"),
    Mistake("A net.", "!!str A", "model.yaml:2:10: the tag 'tag:yaml.org,2002:str' is not allowed here: take it away"),
    Mistake(
      "name: net\n", "name: net\nname: m\n", "model.yaml:2:1: the key 'name' stands here again, it is already in line 1"
    ),
    Mistake(
      "cat, dog, no]\n", "cat]\n---\na: b\n", "model.yaml:32:1: a second document begins here: keep one to a file"),
    Mistake("A net.", String(repeating: "[", count: 40), "model.yaml:2:41: nested deeper than 32 levels"),
  ]

  static let top = [
    Mistake("license: Apache-2.0\n", "", "model.yaml:1:1: the key 'license' is missing in the manifest"),
    Mistake("summary:", "sumary:", "model.yaml:2:1: unknown key 'sumary' in the manifest (did you mean 'summary'?)"),
    Mistake("A net.", "", "model.yaml:2:9: summary has no value"),
    Mistake(
      "name: net", "name: My Net",
      "model.yaml:1:7: 'My Net' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano"
    ),
    Mistake(
      "name: net", "name: ../net",
      "model.yaml:1:7: '../net' is not a model's name, expected small letters, digits, '.', '_' or '-', e.g. yolox-nano"
    ),
    Mistake(
      "task: detection", "task: detecton",
      "model.yaml:4:7: 'detecton' is not allowed for task (did you mean 'detection'?), expected classification, detection, segmentation, saliency, pose, score, embedding, text, tensor, shot-boundary or anomaly"
    ),
    Mistake(
      "task: detection", "task: classification",
      "model.yaml:23:12: the decoder 'ssd' does not answer task classification, expected classes"),
    Mistake(
      "https://example.org/net\n", "example.org\n",
      "model.yaml:5:9: 'example.org' is not an address for source, expected https://…"),
    Mistake(
      "source: https://example.org/net\n", "make: /bin/sh net\n",
      "model.yaml:5:7: '/bin/sh net' is not a command for make, expected one that stands beside the folder of models, e.g. tools/network silero-vad"
    ),
    Mistake(
      "source: https://example.org/net\n", "make: tools/../../sh net\n",
      "model.yaml:5:7: 'tools/../../sh net' is not a command for make, expected one that stands beside the folder of models, e.g. tools/network silero-vad"
    ),
    Mistake(
      "network: net.onnx", "network: nett.onnx",
      "model.yaml:11:10: the network 'nett.onnx' is not among the files (did you mean 'net.onnx'?)"),
    Mistake(
      "precision: f32", "precision: f16",
      "model.yaml:12:12: 'f16' is not allowed for precision (did you mean 'bf16'?), expected f32, bf16 or auto"),
    Mistake("[cat, dog, no]", "[]", "model.yaml:31:9: labels is empty: list them, or take the key away"),
    Mistake("[cat, dog, no]", "[cat, [dog]]", "model.yaml:31:15: this is a list, item 2 of labels must be text"),
    Mistake(
      "[cat, dog, no]", "/etc/labels.txt",
      "model.yaml:31:9: '/etc/labels.txt' is absolute, labels must be relative to the model's folder"),
  ]

  static let files = [
    Mistake("path: net.onnx", "path: ../net.onnx", "model.yaml:7:11: '../net.onnx' leads out of the model's folder"),
    Mistake(
      "path: net.onnx", "path: /net.onnx",
      "model.yaml:7:11: '/net.onnx' is absolute, path must be relative to the model's folder"),
    Mistake(
      "path: net.onnx", "path: a//b", "model.yaml:7:11: 'a//b' is not a plain path, expected e.g. variables/weights.bin"
    ),
    Mistake(
      "sha256: \(Sample.digest)", "sha256: abc",
      "model.yaml:9:13: 'abc' is not a SHA-256, expected 64 digits of 0-9 and a-f"),
    Mistake(
      "url: https://example.org/net.onnx", "url: ftp://a/b",
      "model.yaml:8:10: 'ftp://a/b' is not an address for url, expected https://…"),
    Mistake(
      "size: 7", "size: seven", "model.yaml:10:11: 'seven' is not a whole number for size, expected e.g. 3660092"),
    Mistake("size: 7", "size: 0", "model.yaml:10:11: 0 is out of range for size, expected 1 to 1099511627776"),
    Mistake("size: 7", "sise: 7", "model.yaml:10:5: unknown key 'sise' in item 1 of files (did you mean 'size'?)"),
    Mistake(
      "    size: 7", "  - {path: net.onnx, sha256: \(Sample.digest)}",
      "model.yaml:10:12: the file 'net.onnx' is listed twice"),
  ]

  static let input = [
    Mistake(
      "color: bgr", "color: brg",
      "model.yaml:14:10: 'brg' is not allowed for color (did you mean 'bgr'?), expected rgb, bgr or gray"),
    Mistake(
      "resize: letterbox", "resize: stretch",
      "model.yaml: 2 things are wrong:\n  model.yaml:16:11: anchor is for resize: letterbox, this is stretch\n  model.yaml:17:8: pad is for resize: letterbox, this is stretch"
    ),
    Mistake(
      "color: bgr", "color: bgr\n  crop: 0.9",
      "model.yaml:15:9: crop is for resize: crop and stretch, a letterbox shows the whole picture"),
    Mistake(
      "color: bgr", "color: bgr\n  crop: 1.2",
      "model.yaml: 2 things are wrong:\n  model.yaml:15:9: 1.2 is out of range for crop, expected 0.1 to 1\n  model.yaml:15:9: crop is for resize: crop and stretch, a letterbox shows the whole picture"
    ),
    Mistake(
      "color: bgr", "color: bgr\n  interpolation: bicubik",
      "model.yaml:15:18: 'bicubik' is not allowed for interpolation (did you mean 'bicubic'?), expected halving, bilinear, bicubic or ffmpeg"
    ),
    Mistake("pad: 7", "pad: 256", "model.yaml:17:8: 256 is out of range for pad, expected 0 to 255"),
    Mistake(
      "mean: 127.5", "mean: [1, 2]",
      "model.yaml:18:9: mean has 2 values, expected 1 or 3 (one a channel, in the order bgr)"),
    Mistake(
      "mean: 127.5", "mean: \"127.5\"",
      "model.yaml:18:9: \"127.5\" is text, mean must be a number: write it without quotes"),
    Mistake("color: bgr", "color: gray", "model.yaml:19:10: scale has 3 values, expected 1 for gray"),
    Mistake("scale: [1, 2, 3.5]", "scale: [1, 0, 2]", "model.yaml:19:10: scale divides, so it must not be 0"),
    Mistake(
      "scale: [1, 2, 3.5]", "scale: [1, nan, 2]",
      "model.yaml:19:14: 'nan' is not a number for item 2 of scale, expected e.g. 127.5"),
    Mistake("width: 320", "width: abc", "model.yaml:20:10: 'abc' is not a whole number for width, expected e.g. 320"),
    Mistake("  height: 240\n", "", "model.yaml:20:10: width and height belong together: write both or neither"),
  ]

  static let output = [
    Mistake(
      "threshold: 0.3", "treshold: 0.3", "model.yaml:28:3: unknown key 'treshold' in output (did you mean 'threshold'?)"
    ),
    Mistake("threshold: 0.3", "threshold: 30", "model.yaml:28:14: 30 is out of range for threshold, expected 0 to 1"),
    Mistake(
      "decoder: ssd", "decoder: yolox",
      "model.yaml: 3 things are wrong:\n  model.yaml:25:10: sizes is for decoder ssd, retinaface, this is yolox\n  model.yaml:26:11: ratios is for decoder ssd, this is yolox\n  model.yaml:27:13: variance is for decoder ssd, retinaface, this is yolox"
    ),
    Mistake(
      "background: 0", "activation: tanh",
      "model.yaml:30:15: 'tanh' is not allowed for activation, expected none, softmax or sigmoid"),
    Mistake("background: 0", "clip: maybe", "model.yaml:30:9: 'maybe' is not allowed for clip, expected true or false"),
    Mistake(
      "background: 0", "coordinates: pixels",
      "model.yaml:30:16: coordinates is for decoder yolov5, yolov8, boxes, detr, yolo-segment, yolo-obb, finished, point, keypoints, yolo-pose, this is ssd"
    ),
    Mistake(
      "[[10, 16], [32]]", "[[10, 16]]",
      "model.yaml:25:10: sizes must be one list for each of the 2 strides, none of them empty"),
    Mistake("  strides: [8, 16]\n", "", "model.yaml:23:12: the decoder ssd needs strides and sizes"),
    Mistake("strides: [8, 16]", "strides: 8", "model.yaml:24:12: '8' is a single value, strides must be a list"),
    Mistake(
      "ratios: [1, 0.5]", "ratios: [1, -1]",
      "model.yaml:26:15: -1 is not allowed for item 2 of ratios, it must be above 0"),
    Mistake(
      "variance: [0.1, 0.3]", "variance: [0.1]",
      "model.yaml:27:13: variance must be two numbers: of position and of size"),
    Mistake("background: 0", "top: 3", "model.yaml:30:8: top is for decoder classes, this is ssd"),
    Mistake("background: 0", "unit: 0", "model.yaml:30:9: 0 is not allowed for unit, it must be above 0"),
  ]
}

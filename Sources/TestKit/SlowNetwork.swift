/// A network that multiplies two matrices of 3000 x 3000 numbers made from one: most of a second on one core.
public enum SlowNetwork {
  /// OpenVINO IR, written by hand.
  private static let xml = """
    <?xml version="1.0"?>
    <net name="slow" version="11">
      <layers>
        <layer id="0" name="in" type="Parameter" version="opset1">
          <data shape="1" element_type="f32"/>
          <output><port id="0" precision="FP32" names="in"><dim>1</dim></port></output>
        </layer>
        <layer id="1" name="shape" type="Const" version="opset1">
          <data element_type="i64" shape="2" offset="0" size="16"/>
          <output><port id="0" precision="I64"><dim>2</dim></port></output>
        </layer>
        <layer id="2" name="wide" type="Broadcast" version="opset3">
          <data mode="numpy"/>
          <input>
            <port id="0" precision="FP32"><dim>1</dim></port>
            <port id="1" precision="I64"><dim>2</dim></port>
          </input>
          <output><port id="2" precision="FP32"><dim>3000</dim><dim>3000</dim></port></output>
        </layer>
        <layer id="3" name="product" type="MatMul" version="opset1">
          <data transpose_a="false" transpose_b="false"/>
          <input>
            <port id="0" precision="FP32"><dim>3000</dim><dim>3000</dim></port>
            <port id="1" precision="FP32"><dim>3000</dim><dim>3000</dim></port>
          </input>
          <output><port id="2" precision="FP32"><dim>3000</dim><dim>3000</dim></port></output>
        </layer>
        <layer id="4" name="axes" type="Const" version="opset1">
          <data element_type="i64" shape="2" offset="16" size="16"/>
          <output><port id="0" precision="I64"><dim>2</dim></port></output>
        </layer>
        <layer id="5" name="sum" type="ReduceMax" version="opset1">
          <data keep_dims="false"/>
          <input>
            <port id="0" precision="FP32"><dim>3000</dim><dim>3000</dim></port>
            <port id="1" precision="I64"><dim>2</dim></port>
          </input>
          <output><port id="2" precision="FP32" names="most"/></output>
        </layer>
        <layer id="6" name="out" type="Result" version="opset1">
          <input><port id="0" precision="FP32"/></input>
        </layer>
      </layers>
      <edges>
        <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
        <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
        <edge from-layer="2" from-port="2" to-layer="3" to-port="0"/>
        <edge from-layer="2" from-port="2" to-layer="3" to-port="1"/>
        <edge from-layer="3" from-port="2" to-layer="5" to-port="0"/>
        <edge from-layer="4" from-port="0" to-layer="5" to-port="1"/>
        <edge from-layer="5" from-port="2" to-layer="6" to-port="0"/>
      </edges>
    </net>
    """

  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    try HandWritten.write(xml, constants: [3000, 3000, 0, 1], to: path)
  }
}

// swift-format-ignore-file

import Base

/// What Pillow makes of the picture of PillowTests; written by tools/pillow-pixels.
enum PillowPixels {
  static let all: [PillowCase] = [
    PillowCase("shrunk", .bilinear, [16, 11], [0, 0, 16, 11],
      "cgcAhBYOiCbKeDb6iUZRd1cAf2eMg3f/c4eYhpcAgKhIebj3iMjSeNgTgOgai/fUewdPhxZUeCacgDauhkZueFdPh2eEf3eweoeJi5dPe6hqgb" +
      "ith8ifdthWh+hZefeghAf5gBbsdiY4iDYKfkasfFf5h2d0dXcGg4dogJf5eKi1h7gNfMgxfdjniOjhd/cviQdseRZufiaLiDaSeEZ4hFdshGeB" +
      "eXeTiYeDeJdsf6h3i7iSeciMhthvf+hwePeMhwcPdhYchibBeDbrekZXilcPeGeLgXfwhIeVd5cPhqhPfLjpe8jIidggeegmgPfKeQfNfBbFiC" +
      "ZSdzY1g0achVfNeWd4iXcyfodxfZfNh6ihdbg3hMhNfNjCeOi9ifdMdAfJhRbBgCZVeDY5hkaadlfJf2d4h3c2dYdxhZfJf6iferg7ichQeNi+" +
      "gOi6jPdPfAcOiBYaeSbCgTbthkZWd1cOh2eLgnfxfIeVipcOeKhOgrjqgcjJdtgfhugleffLhQdyiBZzeCaIiDaNeEZ6fVdyhWeBdneNhIeCg5" +
      "dyeah5iLiMe8iIfth0iOh0dPeJiQf4ehbrfyY5iDYMeEarhVf4gGd0eXcHi4dofZf4gKi0h7gOdsgxhtjme+jfefcwfwdWdRZahiaYgzaoekZw" +
      "hVdWd2eEgXephoeId5dWhqhtgLinfMibidhceOhegPeb"),
    PillowCase("shrunk", .bicubic, [16, 11], [0, 0, 16, 11],
      "cAYAhRYAiibYdTb/jEZJdVcAf2eOhHf/cIeah5cAgag/drj/i8jieNgAf+gHjfjpegZKihZLdiaigDa1iEZqdVdKiWeFfne1eIeKjpdKeqhmgb" +
      "i1icimc9hMiehQePiphQb/gRb/ciYijDYAfUa5elf/iWdwcncAhIdkgZf/dajEirgAesgXfNj/i+j/dfgPigZqeBZrfSaNijaVdUZ3hldqhWeC" +
      "d3eVjYeEdZdqfqh1jriVdciPiNhrf+htdviQiQYAchYAiSbWdzb/eEZKjlcAdWeOgnf/hIeZdJcAiahAfLj/esjgjdgAeOgJgPjneAbbexbaiy" +
      "ZEdTYkhEakiFfbdmd2jHckfYdufJfbiqircbgkhsg+e9jYdejQi/g5cQbWhxbVgCZHdjYpiUaic1fWf2d2incpc4dvh5fWf6ipeLgpjMhBdtjU" +
      "gOjMj/g8ewYAihYAdybYgTb/iEZJdFcAimeOg3f/eYeajpcAdag/g7j/gsjhc9gAiOgHd/jphQZwiRZxdCaJizaPd0Z5fFdwh2eBcnePhYeCg5" +
      "dwdqh4i7iPe8iKfthxiuhycfiLjAb/eBb/fiYkijYAdka3iFf/gGdxd3cAjodkfJf/f6jCirgAcsgaiNj/euj8ePgTfwZMchZNiiahgTazeUZr" +
      "iFdMc2eFgneziIeJdJdMiKhnf7izesiljNhNduhSgfio"),
    PillowCase("grown", .bilinear, [90, 61], [3, 5, 40, 12],
      "pgcAXQoAVw0AbRAAjBMAlxYAsxkAqBwAZh4QciHNjST/hSf/QCr/TC3/ZzD/gTP/jTb/rjj/hzv/Wz7/ZkH/iERDmkcArUoAz00AilAAdVMAh1" +
      "YAqFgAZ1sAT14AYGEAgmQAj2erp2r/sm3/aXD/aXL/gXX/j3j/rwcAngoAYQ0AVRAAihMAehYApRkAwRwArB4QZCHNfiT/nSf/iSr/QC3/VjD/" +
      "eDP/aTb/pjj/rzv/jD7/Q0H/f0RDikcAkkoAz00Ai1AAZVMAalYAqFgAnVsAa14AQ2EAgWQAd2erkmr/v23/r3D/bXL/a3X/m3j/WwcAyQoAqw" +
      "0AZRAAMRMAoBYAhxkAkRwA8R4QqCHNZCT/aCf/zSr/jC3/RDD/PzP/qjb/Zzj/njv/0z7/kEH/R0RDdUcAr0oAbE0AI1AATlMAjFYASVgArVsA" +
      "s14Ab2EAJmQAhGerkGr/c23/43D/t3L/cXX/S3j/kwcAdgoAqw0AshAAbxMAUhYAgxkAohwAgR4QOSHNXCT/fSf/ZSr/sC3/kTD/WTP/Pzb/iD" +
      "j/jDv/kj7/3EH/lERDaEcAakoAtU0AcVAAQ1MAQ1YAjVgAd1sAll4AvGEAc2QAUmerbmr/om3/hXD/w3L/vnX/fnj/ZgeCfgqCkw2CqRCCtxOC" +
      "bhaCbRmCgxyCkx6BSyF+RyR9XSd9dSp9ii19oTB9ljN9TzZ9ZDh9ezt9kz59p0F9v0SAmUeCbEqCgU2CmVCCdVOCRlaCW1iCc1uCiV6Cn2GCt2" +
      "SCd2d/Y2p9eW19kXB9pnJ9iXV9U3h9PAf/ggr/fA3/jhD/yhP/sBb/chn/Zxz/ph7vjCEyTyQAPycAgSoAZy0AkTAAtTMAmjYAUTgAajsAkT4A" +
      "d0EAvUS8p0f/bEr/Uk3/llD/oVP/elb/MVj/blv/e17/emH/wWT/sGdUfGoAUm0AmXAAjHIAWXUAK3gAdQf/Lwr/fQ3/nBD/ahP/3Rb/vxn/eB" +
      "z/QR7vtCEynCQAVScAGCoAiy0AezAAeDMA5zYAnjgAVzsAUD4AwkEAfkS8N0f/KEr/mk3/W1D/iFP/xlb/flj/OFv/X17/pGH/XmT/wGdUyWoA" +
      "gW0AO3AAl3IApXUAXngAwgf/eQr/Wg3/bRD/pBP/kBb/Uxn/Rhz/fx7vayEyliQAoCcAWyoARy0AbjAAkDMAfzYAvzgAozsAbT4AWUEAmES8gE" +
      "f/R0r/NE3/cVD/flP/gVb/wlj/glv/WF7/WmH/m2T/j2dUq2oAzW0AhHAAanIAg3UAqngApgf/tAr/fQ3/YxD/fxP/jhb/WRn/PRz/Wh7vaCEy" +
      "giQAmycApSoAXC0AXDAAdTMAhDYAojgAtjsAqD4AX0EAfES8kEf/hEr/PE3/VlD/alP/fVb/nFj/q1v/hl7/V2H/dWT/hmdUnWoApW0AXHAAYH" +
      "IAdnUAkngAcQf/wQr/tQ3/gRD/SRP/mhb/kRn/Xhz/Ih7vciEybSQAeCcAwSoAni0AYDAAUDMAnTYAeTgApTsAzz4Aq0EAY0S8fUf/q0r/h03/" +
      "QFD/VVP/hlb/Y1j/q1v/t17/i2H/QmT/hGdUk2oAZ20AHnAAXHIAbnUAYXgAqwf/bgr/tg3/zhD/hxP/Sxb/jRn/qxz/Yx7vJyEyZSQAjCcAWS" +
      "oAwy0ArTAAaTMAMTYAmTgAkzsAjz4A90EAsES8b0f/ZUr/0E3/jVD/TFP/PFb/plj/dVv/m17/2GH/j2T/UWdUcmoAtG0Aa3AALnIASXUAk3gA" +
      "XAf/kwr/lg3/qhD/0xP/ihb/cRn/ghz/rx7vZyEyTCQAXCcAjyoAhS0AqTAAsjMAajYAYDgAgjsApD4AmUEAUUS8W0f/f0r/dU3/qVD/kVP/WV" +
      "b/T1j/glv/k17/mGH/0GT/lGdUbmoAcW0AqHAAcHIASHUASngA"),
    PillowCase("grown", .bicubic, [90, 61], [3, 5, 40, 12],
      "ugcATQoARg0AaxAAkBMAkhYAxxkAuRwAVR4JaSHalyT/iyf/MCr/Qi3/aTD/gzP/iTb/xjj/izv/RD7/Y0H/i0Q3mkcArkoA4k0AjlAAalMAhl" +
      "YAvVgAXVsAOV4AXWEAhmQAi2e1smr/yG3/WHD/WnL/hnX/l3j/vwcArQoATA0AQRAAmBMAbBYAqBkA2BwAtR4JUCHafCT/syf/kSr/JS3/TzD/" +
      "hDP/Xjb/sjj/xjv/jz7/L0H/h0Q3i0cAhkoA3E0AmFAAWlMAXFYAtVgAsVsAYV4AKmEAjWQAbme1jWr/023/u3D/VnL/WnX/rXj/TgcA2AoAuQ" +
      "0AWxAAJRMArxYAghkAhRwA/B4JsCHaUiT/Wyf/1ir/ki3/MjD/MTP/sDb/Wjj/nzv/6D7/kUH/MkQ3dEcAwkoAaU0ADlAASlMAmlYAQFgAuFsA" +
      "x14AbGEAG2QAj2e1lWr/Zm3/73D/w3L/ZHX/PXj/owcAZAoAuQ0AzBAAZhMAPBYAihkAtRwAdh4AHyHmXiT/iif/Vyr/yC3/oDD/SDP/MTb/lz" +
      "j/izv/hT7/7kH/lkQtUEcAXUoAw00AclAALFMAM1YAnFgAaVsAl14A2GEAbmQAOGe8amr/tG3/dHD/0nL/3XX/g3j/ZgeCfgqCkg2CsxCCyhOC" +
      "XBaCXhmCiRyClx6CNyF+OCR9Xid9dip9iS19tDB9pjN9PzZ9XTh9fDt9kz59p0F910SBo0eCY0qCgE2CsVCCeVOCL1aCWliCdFuCiF6Co2GCzG" +
      "SCbGd+Tmp9eW19kXB9r3J9jHV9THh9Iwf/kgr/dg3/gxD/2xP/vRb/Yhn/Vhz/th7/miEYPCQAKicAkCoAWC0AkjAAzjMAoDYANjgAZDsAoD4A" +
      "a0EAzkTSvkf/bUr/RE3/oVD/uVP/fFb/Glj/dlv/gF7/amH/0GT/xGdDcWoAOW0AqHAAknIAQ3UAE3gAcgf/Hwr/gg3/pRD/YBP/6hb/zhn/bx" +
      "z/OB72wSElqyQATCcAEyoAmC0AeDAAbTMA6zYApDgARjsAQz4AxUEAhETIJkf/Gkr/n03/T1D/hVP/2Vb/flj/JFv/W17/sWH/VWT/y2dK3GoA" +
      "fW0AL3AAoHIAuXUAWngA2wf/cgr/QQ3/ZBD/sxP/jRb/PRn/OBz/jR72XSEloiQAuicAUioAMS0AcTAAnTMAczYA1zgAsTsAWj4ATUEAq0TIi0" +
      "f/N0r/Jk3/flD/f1P/dVb/2Fj/g1v/Ql7/TGH/qWT/hGdKq2oA620Aj3AAWHIAg3UAxXgAqwf/ygr/cw3/TBD/hBP/lBb/SRn/Jhz/XR72ZSEl" +
      "giQApycAtSoASC0ATTAAeTMAgTYAozgAyjsAtT4ATUEAd0TIpEf/k0r/KU3/UVD/a1P/elb/nlj/wlv/iF7/P2H/d2T/hGdKomoArm0AWnAAWH" +
      "IAdXUAmXgAXwf/0gr/yw3/eRD/MxP/qhb/pxn/Vxz/DB72giElaSQAaScA0SoAqy0ATTAAOzMAqzYAajgApDsA5z4Ar0EAS0TIeEf/w0r/jE3/" +
      "JFD/TVP/l1b/U1j/t1v/0V7/jGH/K2T/jWdKpWoAWm0ABXAAY3IAd3UAT3gAuQf/Xgr/vg3/5hD/hBP/Nxb/lRn/wxz/Yh72EiElaSQAmicATy" +
      "oA0y0AvjAAXzMAKDYAqTgAkzsAgD4A/0EAvUTIYEf/Vkr/2k3/lVD/OVP/LVb/slj/Z1v/l17/7mH/kGT/OmdKbWoAyW0AbHAAF3IAQ3UAo3gA" +
      "UAf/oAr/kQ3/pxD/7BP/kxb/Yhn/gBz/xh72XyElNSQAVCcAmyoAeS0AtjAAyzMAYDYATTgAhDsAsj4AkEEAO0TIVkf/ikr/aU3/wFD/oFP/R1" +
      "b/Q1j/i1v/lV7/j2H/52T/k2dKVmoAaW0AwXAAcXIAMnUAP3gA"),
    PillowCase("flat", .bilinear, [67, 9], [0, 0, 67, 9],
      "aQAAcAMAawcAfgsAhA8AgBMAhxcAghsAlR4AkCL/lyb/byr/di7/cTL/eTb/dDn/hj3/jUH/iUUAkEkAi00AhlEAalUAZlgAeFwAf2AAemQAgW" +
      "j/fWz/j3D/lnP/kXf/anv/cX//bIP/c4f/bosAgY4AiJIAg5YAipoAhZ4AmKIAk6YAYKoAc63/erH/dbX/fLn/d73/isH/kcX/jMj/k8z/a9AA" +
      "idQAbtgAadwAfOAAguMAfucAhesAgO8Ak/P/jvf/lfv/bf//dQCZeQOZfgeZgwuZhw+ZjBOZkBeZdhuZhR6ZayJmcCZmdCpmeS5mfTJmgjZmhz" +
      "lmjD1mkEFmlUWZcEmZf02Zb1GZdFWZeViZfVyZgmCZhmSZi2hmkGxmgHBmj3Nmandmb3tmc39meINmfYdmgYuZho6ZipKZj5aZlJqZep6ZiaKZ" +
      "bqaZc6qZeK1mfLFmgbVmhrlmir1mj8FmicVmmMhmdMxmbtCZc9SZd9iZfNyZgeCZheOZiueZjuuZk++Zg/Nmafdmbvtmcv9mfwDChAPCiQfCjQ" +
      "vCiA/ClhPCchfCbBvCcR7CdiI9eiY9fyo9gy49iDI9jTY9kTk9gj09kEE9bEXCcUnCdU3CelHCflXCg1jCiFzCjGDCkWTClmg9e2w9bHA9cHM9" +
      "dXc9ens9fn89g4M9h4c9jIvCkY7Ci5LCZ5bCdZrCcJ7CdKLCeabCfqrCgq09h7E9i7U9kLk9lb09hcE9a8U9b8g9dMw9eNDCfdTCgtjCh9zCi+" +
      "DCkOPClOfCcOvCf+/Cb/M9dPc9ePs9ff89igAUjwMUkwcUgwsUaQ8UbhMUcxcUdxsUfB4UgCLrhSbriirrji7rkzLrbjbrfTnrbT3rckHrd0UU" +
      "e0kUgE0UhFEUiVUUjlgUklwUjWAUaGQUd2jrcWzrdnDre3PrgHfrhHvriX/rjYPrkofreIsUh44UbZIUcZYUdpoUep4Uf6IUhKYUiKoUja3rh7" +
      "HrlrXrcrnrgL3rccHrdcXresjrf8zrg9AUiNQUjNgUkdwUgeAUkOMUbOcUcesUde8UefPrfvfrg/vriP/rlADCcAPCfwfCbwvCdA/CeBPCfRfC" +
      "gRvChh7CiyI9kCY9gCo9jy49ajI9bzY9czk9eD09fUE9gUXChknCik3Cj1HClFXCeVjCiVzCbmDCc2TCeGg9fGw9gXA9hXM9inc9j3s9iX89mI" +
      "M9dIc9bovCco7Cd5LCfJbCgZrChZ7CiqLCjqbCk6rCg609abE9brU9crk9d709e8E9gMU9hcg9icw9jtDCktTCbtjCfdzCbeDCcuPCdufCe+vC" +
      "f+/ChPM9ifc9jfs9kv89bACZcQOZdQeZeguZfg+ZgxOZiBeZjBuZkR6ZlSJmeyZmaypmcC5mdTJmejZmfjlmgj1mh0FmjEWZkUmZi02ZZ1GZdV" +
      "WZcFiZdFyZeWCZfmSZgmhmh2xmi3BmkHNmlXdmhXtma39mb4NmdIdmeIuZfY6ZgpKZhpaZi5qZj56ZlKKZcKaZf6qZb61mc7FmeLVmfblmgb1m" +
      "hsFmi8Vmj8hmf8xmjtCZatSZb9iZc9yZeOCZfOOZgeeZhuuZiu+Zj/Nmk/dmeftmiP9mdwAfewMfgAcfhAsfiQ8fjhMfkhcfjRsfaB4fdyLgcS" +
      "bgdirgey7gfzLghDbgiDngjT3gkkHgeEUfh0kfbE0fcVEfdlUfelgff1wfhGAfiGQfjWjgh2zglnDgcnPggHfgcXvgdX/geoPgf4fgg4sfiI4f" +
      "jJIfkZYfgZofkJ4fbKIfcKYfdaofea3gfrHgg7Xgh7ngjL3gkMHglcXge8jga8zgcNAfddQfedgffdwfguAfh+MfjOcfkOsfi+8fZvPgdffgb/" +
      "vgdP/ggQDghgPgigfgjwvglA/geRPgiBfgbhvgcx7geCIffCYfgSofhS4fijIfjzYfiTkfmD0fc0EfbkXgckngd03gfFHggFXghVjgiVzgjmDg" +
      "k2Tgg2gfaWwfbXAfcnMfdncfe3sfgH8fhYMfiYcfjovgko7gl5LgfZbgbZrgcp7gdqLge6bgf6rghK0fibEfjbUfkrkfjL0faMEfd8Ufccgfds" +
      "wfetDgf9TghNjgiNzgjeDgkePgd+fghuvgbO/gcfMfdvcfevsff/8fjQB0iAN0jwd0aAt0bw90ahN0fRd0eBt0fx50eiKLgSaLlCqLjy6LljKL" +
      "kTaLajmLcT2LbEGLc0V0hUl0gU10iFF0g1V0ilh0nFx0aWB0fGR0d2iLcmyLenCLdXOLfHeLjnuLiX+LkYOLjIeLk4t0a450cpJ0bZZ0gJp0e5" +
      "50gqJ0fqZ0hKp0l62LkrGLdrWLlbmLbb2LdMGLb8WLdsiLicyLhNB0i9R0hth0jdx0oOB0beN0aOd0e+t0du90ffOLePeLf/uLkv+L"),
    PillowCase("flat", .bicubic, [67, 9], [0, 0, 67, 9],
      "ZwAAbwMAawcAfQsAhQ8AfhMAhhcAhhsAlh4AkyL/lSb/bir/dy7/bzL/eDb/dDn/hT3/jkH/hkUAk0kAj00AiFEAalUAZlgAd1wAf2AAeGQAgW" +
      "j/fWz/kXD/mHP/j3f/aXv/cX//aYP/c4f/bosAgI4AiJIAgZYAipoAiZ4AmqIAl6YAYKoAcq3/erH/c7X/e7n/d73/icH/ksX/isj/lsz/bNAA" +
      "i9QAbdgAadwAe+AAg+MAfOcAhOsAgO8AlPP/kff/k/v/bP//dQCeeQOefweegguehw+ejBOekxeedhuehh6eaCJhcCZhdCpheC5hfjJhgjZhhz" +
      "lhjT1hkEFhlUWebkmef02ebFGec1WeeViefVyegWCehmSei2hhlGxhgHBhkHNha3dhb3thcn9heINhfIdhgoueho6eipKej5ael5qeep6eiaKe" +
      "a6aedKqed61he7FhgbVhhblhi71hkcFhi8VhmMhhcsxhbdCeb9Sed9iefdyegOCehOOeiueekeuemO+ehPNhZfdhbvthcv9hfwDRhAPRiQfRjw" +
      "vRig/RlhPRcBfRahvRbR7RdiIueiYufyougy4uiDIukDYulTkugz0uk0EubEXRcEnRc03RelHRflXRg1jRiFzRjWDRkWTRmWguemwuaHAubXMu" +
      "dXcuensufn8ug4Muh4cukIvRk47RjZLRZ5bRc5rRbp7RcaLReabRfqrRgq0uiLEui7UulLkumL0uhsEuZ8Uub8guc8wueNDRfdTRgtjRh9zRju" +
      "DRkePRlOfRbevRfu/Ra/MudPcuePsuff8uigAAkgMAlwcAhAsAZg8AbhMAchcAdxsAfB4AgCL/hSb/jCr/jy7/kzL/bDb/fDn/aj3/b0H/d0UA" +
      "e0kAgE0AhFEAiVUAkVgAlVwAj2AAaGQAdWj/b2z/dnD/e3P/gHf/hHv/iX//jYP/lYf/d4sAiI4AaZIAcZYAdZoAep4Af6IAhKYAiKoAkK3/ir" +
      "H/lrX/b7n/f73/bcH/dcX/esj/f8z/g9AAiNQAkNgAldwAguAAk+MAbOcAcOsAcu8AefP/fvf/g/v/iP//lADRbgPRfgfRbAvRdA/ReBPRfRfR" +
      "gRvRhh7RiyIukyYugSoukS4uajIubjYucTkueD0ufUEugUXRhknRi03Rj1HRl1XReFjRilzRa2DRc2TRd2gufGwugXAuhXMuincukXsujH8umI" +
      "MucYcua4vRb47Rd5LRfJbRgZrRhZ7RiqLRkqbRlqrRhK0uZbEubrUucbkudL0ue8EugMUuhcgui8wuj9DRktTRbNjRfNzRaeDRbuPRdufRe+vR" +
      "f+/RhPMuifcukfsulf8ubACdcAOdcwedegudfg+dgxOdiBedjRudkR6dmSJieiZiaCpibS5idTJiejZifjligj1ih0Fij0Wdk0mdjU2dZ1Gdc1" +
      "WdbVidcVydeWCdfmSdgmhiiGxii3Bik3NimHdihntiZ39ib4Nic4dieIudfY6dgpKdhpadjpqdkJ6dlKKdbaadfqqda61ic7FieLVifbligb1i" +
      "hsFii8Vik8higcxikdCdatSdbtidcNydeOCdfOOdgeedhuudi++dj/Nil/diePtiif9idwAKewMKgAcKhAsKiQ8KkRMKlBcKjxsKaB4KdSL1by" +
      "b1dir1ey71fzL1hDb1iTn1jT31lUH1dkUKiEkKaU0KcVEKdVUKelgKf1wKhGAKiGQKj2j1imz1lnD1b3P1f3f1bXv1dX/1eoP1f4f1g4sKiI4K" +
      "jJIKlZYKgpoKkp4KbKIKb6YKc6oKea31frH1g7X1h7n1jb31kMH1mcX1esj1aMz1bNAKddQKedgKfdwKguAKh+MKj+cKk+sKje8KZvP1cvf1bf" +
      "v1cP/1gQDyhwPyiwfyjgvylw/yeRPyiBfyaxvycx7yeCINfCYNgCoNhi4NijINkDYNizkNlz0NckENbEXybknyeE3yfFHygVXyhVjyiVzykmDy" +
      "lmTyg2gNZmwNbXANcnMNdXcNe3sNgH8NhYMNiocNjovyko7ympLyfJbyaJryb57ydqLyfKbygKryg60NibENkbUNk7kNjr0NaMENdcUNb8gNdc" +
      "wNe9Dyf9TyhdjyidzyjODylePyd+fyhuvyae/ycfMNdvcNevsNfv8NjwByiANykAdyagtyaw9yaBNyeRdyeBtygR5yeiKNgiaNlCqNjy6NmTKN" +
      "kTaNZzmNcz2NakGNdEVyhUlygU1yilFyg1Vyi1hynFxyZmByemRyc2iNc2yNfHCNdHONfXeNjnuNin+Nk4ONi4eNlItybY5yb5JybJZygJpyfJ" +
      "5yhKJyfaZyhapyl62Nk7GNdbWNlLmNar2Nd8GNbsWNd8iNicyNhdByjdRyhthyjtxyoOByaeNyZudydutydu9yf/ONePeNgPuNkv+N"),
    PillowCase("cut", .bilinear, [30, 20], [7, 3, 14, 13],
      "hT49gUe5elDScFjSiGHFjWpIg3ItZnoth4Q4eIy0mJTShJ3SdabJca5MmD4ZfEfYZ1D/iVj/gGHqimoqbHIAfnoAcoQSlYzRh5T/cJ3/c6bxhK" +
      "4xiz4ebUfUhVD5dVj5mGHli2oucnIGcXoGjoQXgYzNdJT5dZ35dqbrgq41eD60fEdScVA+lVg+hWFJemqrdHLBgXrBgIS4m4xWfpQ+aZ0+haZF" +
      "hq6obz7mckcni1AAgFgAiWEVdWrVdHL/gnr/kYTthIwuaJQAhJ0AeaYOlK7OdD7mf0cngFAAm1gAf2EVaGrVhHL/g3r/i4TtbYwuf5QAcJ0Ak6" +
      "YOia7OcT5fg0ecjVCoi1iob2Ghg2pkd3JXk3pXj4RddYyZbZSoj52ofqajfK5nhT4ZgEfYkVD/e1j/fmHqb2oqk3IAhXoAgYQSbYzRhJT/e53/" +
      "nabxf64xdT4Zk0fYg1D/clj/bWHqjGoqfnIAj3oAc4QSd4zRfZT/k53/habxaq4xkj6KhUd3b1BzblhzgmF1fGqIm3KMhHqMaoSKf4x3hpRzip" +
      "1zb6Z0f66HfT7mmUcne1AAdVgAfWEVkWrVinL/cnr/gITteYwujpQAlJ0AeaYOaa7OmT7mfkcnaFAAf1gAhGEVjGrVgnL/fnr/boTtj4wuiJQA" +
      "hp0AaqYOh67OgT6KZUd3gFBzdlhzjmF1iGqIdHKMaXqMjYSKfox3kJRzcp1ze6Z0d66H"),
    PillowCase("cut", .bicubic, [30, 20], [7, 3, 14, 13],
      "gz4rgUfHelDbbFjbi2HXkGo7hXIkX3okjoQmcYzAnpTbhp3bc6bbbK5Dnj4FfEfoX1D/j1j/fWH+jWocZnIAg3oAa4QAnIzdh5T/bJ3/cab/h6" +
      "4nkD4FaEfpi1D/b1j/nmH+jWocb3IAbXoAlIQAfozdc5T/dp3/dab/ga4ndD6/fUdJa1A6nFg6hWE9e2qzcnLFg3rFfITDooxPf5Q6Y506iKY6" +
      "hK6tbT78bkcVkVAAfVgAiWEAdGrkcXL/gnr/lIT/h4whX5QAip0Ac6YAmK7ZdD7+gEcTfVAAolgAgGEAYWrniXL/gXr/jYT/aIwfhJQAaZ0Ama" +
      "YAia7bbT5YhEeij1CrjlirbGGpiGpfcXJUmHpUkoRVdIyeZ5Srlp2rfKare65jij4BfUfslVD/eVj/f2H/aGoZmXIAhnoAgoQAaozgiZT/dZ3/" +
      "pab/ga4lbz4AmUfthVD/cVj/Z2H/k2oXenIAkHoAcIQAeIzhepT/mZ3/iKb/Y64jmT6Ng0d0a1Bxa1hxhmFxdmqLo3KOhHqOZISOgYx1h5Rxip" +
      "1xbKZxgq6Jdz7/n0cSelAAc1gAe2EAlWroi3L/cnr/g4T/dYwekJQAmJ0AeaYAYq7coD7/fkcSYVAAglgAg2EAjWrognL/fnr/aIT/lIweiJQA" +
      "iJ0AZKYAjK7cgj6NXkd0hVBxclhxkmFxi2qLdHKOYnqOlISOeYx1lJRxbZ1xfaZxcq6J"),
    PillowCase("one", .bilinear, [1, 1], [0, 0, 1, 1],
      "gH9/"),
    PillowCase("one", .bicubic, [1, 1], [0, 0, 1, 1],
      "gH9/"),
  ]
}

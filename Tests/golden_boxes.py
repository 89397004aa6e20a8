# Decodes the expected outputs of the golden folder with numpy alone; prints label, score, left, top, right, bottom in fractions of the network.
import os
import json, numpy as np
F=os.environ['RIDLEY_TEST_DATA']+'/_golden/'
def load(part):
    c=[c for c in json.load(open(F+'golden.json')) if part in c['model']][0]
    a=np.load(F+c['expected_npz']); return c['width'],c['height'],{n.replace('|','/'):a[n][0].astype(np.float64) for n in a.files}
def iou(a,b):
    w=max(0,min(a[2],b[2])-max(a[0],b[0])); h=max(0,min(a[3],b[3])-max(a[1],b[1]))
    s=lambda r:(r[2]-r[0])*(r[3]-r[1]); u=s(a)+s(b)-w*h
    return w*h/u if u>0 else 0
def nms(boxes,scores,labels,thr,over):
    keep=[]
    for i in sorted(np.flatnonzero(scores>=thr),key=lambda i:-scores[i]):
        if all(labels[i]!=labels[k] or iou(boxes[i],boxes[k])<=over for k in keep): keep.append(i)
    return keep
def show(name,W,H,boxes,scores,labels,thr,over):
    print(name)
    for i in nms(boxes,scores,labels,thr,over):
        b=np.clip(boxes[i]/[W,H,W,H],0,1)
        if b[2]>b[0] and b[3]>b[1]: print('  (%d, %.4f, %.4f, %.4f, %.4f, %.4f),'%(labels[i],scores[i],*b))
for part in ['yolox_nano.onnx','yolox_nano_float16','yolox_nano_int8','LightWeightPersonDetector']:
    W,H,o=load(part); v=list(o.values())[0]
    g=np.concatenate([np.stack([np.tile(np.arange(W//s),H//s),np.repeat(np.arange(H//s),W//s),np.full((W//s)*(H//s),s)],1) for s in (8,16,32)])
    c=(v[:,:2]+g[:,:2])*g[:,2:]; s=np.exp(v[:,2:4])*g[:,2:]
    sc=v[:,4:5]*v[:,5:]
    show(part,W,H,np.hstack([c-s/2,c+s/2]),sc.max(1),sc.argmax(1),.3,.45)
W,H,o=load('version-RFB-320'); show('rfb',W,H,o['boxes']*[W,H,W,H],o['scores'][:,1],np.ones(4420,int),.7,.3)
def priors(W,H,strides,sizes,ratios):
    out=[]
    for st,sz in zip(strides,sizes):
        nx,ny=-(-W//st),-(-H//st)
        for y in range(ny):
            for x in range(nx):
                sides=[(s,s) for s in sz]+[(sz[0]*r**.5,sz[0]/r**.5) for r in ratios[1:]]
                out+=[((x+.5)/nx*W,(y+.5)/ny*H,min(a,W),min(b,H)) for a,b in sides]
    return np.array(out)
def ssd(name,part,loc,conf,strides,sizes,ratios,bg,thr,over):
    W,H,o=load(part); p=priors(W,H,strides,sizes,ratios); l=o[loc]; s=o[conf].copy()
    if bg is not None: s[:,bg]=-1
    c=p[:,:2]+l[:,:2]*.1*p[:,2:]; wh=p[:,2:]*np.exp(l[:,2:]*.2)
    show(name,W,H,np.hstack([c-wh/2,c+wh/2]),s.max(1),s.argmax(1),thr,over)
ssd('slim','version-slim-320','Identity','Identity_1',[8,16,32,64],[[10,16,24],[32,48],[64,96],[128,192,256]],[],0,.7,.3)
ssd('mask','face_mask','loc_branch_concat_1/concat','cls_branch_concat_1/concat',[8,16,32,64,128],[[10.4,14.56],[20.8,28.6],[41.6,57.2],[83.2,117],[166.4,187.2]],[1,.62,.42],None,.5,.4)
W,H,o=load('movenet'); k=list(o.values())[0][0]; print('movenet', k.shape, k[:3])
W,H,o=load('PP-OCR'); 
for part in ['en_number','SINet','deeplab','center','7seg','retail']:
    W,H,o=load(part); v=list(o.values())[0]; print(part,W,H,v.shape,v.min(),v.max())
v=list(load('SINet')[2].values())[0]; print('person share',(v[1]>v[0]).mean())
v=list(load('deeplab')[2].values())[0]; print({int(k):float((v==k).mean()) for k in np.unique(v)})
v=list(load('en_number')[2].values())[0]; b=v.argmax(1); print([int(x) for i,x in enumerate(b) if x and (i==0 or b[i-1]!=x)], np.mean([v[i,x] for i,x in enumerate(b) if x and (i==0 or b[i-1]!=x)]))
v=list(load('center')[2].values())[0]; print(v)

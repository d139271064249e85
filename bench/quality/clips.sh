#!/bin/sh
# Makes the videos of the images in docs/quality.md: sh bench/quality/clips.sh DIR
# ffmpeg generates them, so that nobody else has rights in them. Balls, a bar and thin strips move over a fractal.
set -eu
ffmpeg=${SLOMO_FFMPEG:-ffmpeg}
mkdir -p "$1"

# clip NAME PAN BALL TURN: pixels per second of the background and of the ball, radians per second of the bar.
clip() {
  "$ffmpeg" -v error -nostdin -y \
    -f lavfi -i "mandelbrot=s=1280x480:r=24:start_scale=1.1:end_scale=1.1:maxiter=300:inner=convergence:bailout=20" \
    -f lavfi -i "color=c=white:s=96x96:r=24:d=1,format=rgba,geq=r='240-40*hypot(X-36,Y-33)/48':g='120-60*hypot(X-36,Y-33)/48':b='40+60*mod(floor(X/12)+floor(Y/12),2)':a='255*clip(47.5-hypot(X-47.5,Y-47.5),0,1)'" \
    -f lavfi -i "color=c=white:s=160x160:r=24:d=1,format=rgba,geq=r='60+X':g='220-Y':b='230':a='255*between(X,70,90)*between(Y,4,156)'" \
    -filter_complex "[0:v]trim=end=1,crop=480:270:'60+$2*t':90[b];[b][1:v]overlay=x='-20+$3*t':y='110-60*sin(3*t)':shortest=1[c];[2:v]rotate='$4*t':c=none:ow=240:oh=240[r];[c][r]overlay=x=240:y=20:shortest=1,format=yuv444p[v]" \
    -map "[v]" -frames:v 17 -c:v ffv1 "$1.mkv"
}

clip "$1/slow" 40 120 1
clip "$1/fast" 240 480 6
clip "$1/faster" 480 900 12

/* WebP to grey: the brightness that libwebp gives anyway, made smaller while it is read. */
#include "content/picture.h"

#include <stdlib.h>
#include <webp/decode.h>

enum picture_state webp_grey(struct span bytes, size_t most, struct grey *out)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) || WebPGetFeatures((const uint8_t *)bytes.at, bytes.len, &config.input) != VP8_STATUS_OK)
        return PICTURE_BROKEN;
    size_t width = (size_t)config.input.width, height = (size_t)config.input.height, times = 1;
    enum picture_state state = config.input.has_animation ? PICTURE_TOO_LARGE : size_judge(width, height, most);
    if (state != PICTURE_READ)
        return state;
    while (width / times * (height / times) > WORK_PIXELS)
        times++;
    config.output.colorspace = MODE_YUV;
    config.options.use_scaling = times > 1;
    config.options.scaled_width = (int)(width / times);
    config.options.scaled_height = (int)(height / times);
    if (WebPDecode((const uint8_t *)bytes.at, bytes.len, &config) == VP8_STATUS_OK) {
        const WebPYUVABuffer *planes = &config.output.u.YUVA;
        out->width = (size_t)config.output.width;
        out->height = (size_t)config.output.height;
        out->at = malloc(out->width * out->height);
        for (size_t y = 0; out->at && y < out->height; y++)
            memcpy(out->at + y * out->width, planes->y + y * (size_t)planes->y_stride, out->width);
    }
    WebPFreeDecBuffer(&config.output);
    return out->at ? PICTURE_READ : PICTURE_BROKEN;
}
